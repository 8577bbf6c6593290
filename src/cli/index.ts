import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultText } from '../config/settings.ts';
import { type Flags, type LoadedConfig, loadConfig, settingRows } from '../config.ts';
import { createOutput, exitCodes, type Output, showError } from './output.ts';
import { programVersion } from './version.ts';

/**
 * The command line: reads `args`, does what they say, answers the exit code. What a command needs is loaded when it
 * runs, so that `--help` and the small commands are quick.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const program = createProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
    showError(createOutput(wantsJson(args) ? 'json' : 'text'), error);
    return failureCode(error);
  }
  return code;
}

// `serve`, `config` and `validate` fail with 1, as every program whose own work failed; commands that ask a server
// keep 1 for a failed job.
const askServer = new Set(['run', 'token', 'user']);
let command = '';
const failureCode = (_error: unknown): number => (askServer.has(command) ? exitCodes.refused : exitCodes.failed);

const wantsJson = (args: readonly string[]): boolean => /(^| )(-o|--output)[ =]?json( |$)/.test(args.join(' '));

function createProgram(done: (code: number) => void): Command {
  const program = new Command('millrace')
    .description('Runs workflow files as durable jobs over REST.')
    .version(programVersion(), '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('See `millrace --help`.')
    .configureHelp({ helpWidth: 120 });

  serverFlags(program.command('serve').description('run the server'))
    .addHelpText(
      'after',
      '\nEvery other setting is a flag as well: `millrace config` and docs/settings.md list them all.',
    )
    .action(
      act(done, async (_args, loaded, output) => (await import('./serve.ts')).serve(loaded, programVersion(), output)),
    );

  clientFlags(
    program
      .command('run')
      .description('submit a job to the server that runs')
      .argument('<workflow>', 'path of the workflow, such as /Examples/Hello'),
  )
    .option('-p, --parameter <name=value>', 'one parameter; repeat it for more', collect, [])
    .option('--input <json>', 'the whole input: JSON text, @file, or - for standard input')
    .option('--wait', 'show the log, wait for the end and print the output; the exit code is the outcome', false)
    .option('--queue <name>', 'queue to use')
    .option('--idempotency-key <key>', 'a second submit with the same key answers the first job')
    .addHelpText('after', '\nExit codes: 0 completed (or submitted), 1 failed, 2 not carried out, 3 cancelled.')
    .action(
      act(done, async ([workflow], { config }, output, options) =>
        (await import('./run.ts')).run(
          workflow!,
          { ...options, parameters: options['parameter'] } as never,
          config,
          output,
        ),
      ),
    );

  program
    .command('validate')
    .description('check workflow files without running them')
    .argument('<file...>', 'definitions')
    .addOption(outputOption())
    .action(async (files: string[], options: { output: Output['format'] }) => {
      command = 'validate';
      done((await import('./validate.ts')).validate(files, createOutput(options.output)));
    });

  serverFlags(program.command('config').description('list every setting, its value and where it comes from'))
    .addOption(outputOption())
    .action(act(done, async (_args, loaded, output) => (await import('./config.ts')).config(loaded, output)));

  addAccountCommands(program, done);
  return program;
}

function addAccountCommands(program: Command, done: (code: number) => void): void {
  const token = program.command('token').description('API tokens');
  clientFlags(token.command('create').description('create an API token and print it, once'))
    .requiredOption('--name <text>', 'what it is for')
    .option('--for <user>', 'whose token it is', 'admin')
    .option('--scope <scope>', 'what it may be used for; repeat it for more; none: all its user may', collect, [])
    .option('--expires-in-days <days>', 'days until it expires; absent: never', wholeDays)
    .action(
      act(done, async (_args, { config }, output, options) =>
        (await import('./accounts.ts')).createToken({ ...options, scopes: options['scope'] } as never, config, output),
      ),
    );

  const user = program.command('user').description('user accounts');
  const passwordStdin = [
    '--password-stdin',
    'read the password from standard input; else it is asked for or drawn',
  ] as const;
  clientFlags(user.command('add').description('add a user').argument('<name>', 'sign-in name'))
    .option('--role <role>', 'admin, operator, user, viewer or kie-server; repeat it for more', collect, [])
    .option('--group <group>', 'a group; repeat it for more', collect, [])
    .option(...passwordStdin, false)
    .action(
      act(done, async ([name], { config }, output, options) =>
        (await import('./accounts.ts')).addUser(
          { ...options, name, roles: options['role'], groups: options['group'] } as never,
          config,
          output,
        ),
      ),
    );
  clientFlags(user.command('password').description('set a new password').argument('<name>', 'sign-in name'))
    .option(...passwordStdin, false)
    .action(
      act(done, async ([name], { config }, output, options) =>
        (await import('./accounts.ts')).setPassword(
          { ...options, name, roles: [], groups: [] } as never,
          config,
          output,
        ),
      ),
    );
}

type Options = Record<string, unknown>;
type Act = (args: string[], loaded: LoadedConfig, output: Output, options: Options) => Promise<number>;

// Commander hands over the arguments, the options and the command; the settings among the options become flags.
const act =
  (done: (code: number) => void, body: Act) =>
  async (...all: unknown[]): Promise<void> => {
    const self = all.pop() as Command;
    const options = all.pop() as Options;
    command = self.parent?.parent ? self.parent.name() : self.name();
    const flags = Object.fromEntries(
      self.options
        .filter((option) => settingFlags.has(option.long!.slice(2)))
        .map((option) => [option.long!.slice(2), options[option.attributeName()]]),
    ) as Flags;
    const output = createOutput(options['output'] === 'json' ? 'json' : 'text');
    done(await body(all as string[], loadConfig({ flags }), output, options));
  };

const settingFlags = new Set([...settingRows.map((row) => row.flag), 'config']);

const configOption = () =>
  new Option(
    '--config <file>',
    'configuration file (env MILLRACE_CONFIG; default: ./millrace.yaml where there is one)',
  );

const outputOption = () =>
  new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text');

/** Every setting as a flag; the help shows those that are often used. */
function serverFlags(self: Command): Command {
  self.addOption(configOption());
  for (const row of settingRows) {
    const preset = defaultText(row);
    const value = row.secret ? '<file>' : '<value>';
    const variable = row.secret ? `${row.env}_FILE` : row.env;
    const option = new Option(
      `--${row.flag} ${value}`,
      `${row.description} (env ${variable}${preset === '' ? '' : `; default: ${preset}`})`,
    );
    self.addOption(row.common ? option : option.hideHelp());
  }
  return self;
}

/** What commands need that talk to a server. */
function clientFlags(self: Command): Command {
  return self
    .option('--url <address>', 'the server (env MILLRACE_URL; default: the one that uses the data folder)')
    .option('--user <name>', 'sign in as this user, with MILLRACE_PASSWORD (env MILLRACE_USER)')
    .option('--data <value>', 'data folder of the server (env MILLRACE_DATA; default: ./data)')
    .addOption(configOption())
    .addOption(outputOption());
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function wholeDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
  throw new InvalidArgumentError('Accepted: a whole number from 1 to 36500.');
}
