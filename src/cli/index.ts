import { Command, CommanderError } from 'commander';
import { type LoadedConfig, loadConfig } from '../config.ts';
import type { TokenOptions, UserOptions } from './accounts.ts';
import { clientOptions, collect, flagsOf, outputOption, serverOptions, wholeDays } from './options.ts';
import { createOutput, exitCodes, type Output, showError } from './output.ts';
import type { RunOptions } from './run.ts';
import { programVersion } from './version.ts';

/** What a command is handed. */
interface Call<O> {
  args: string[];
  options: O;
  output: Output;
  /** Reads the settings; a command that needs none is not stopped by a wrong one. */
  load(): LoadedConfig;
}

/** Makes the action of a command. `refusal` is its exit code when it fails. */
type Act = <O>(refusal: number, body: (call: Call<O>) => Promise<number>) => (...all: unknown[]) => Promise<void>;

/**
 * The command line: reads `args`, does what they say, answers the exit code. What a command needs is loaded when it
 * runs, so that `--help` and the small commands are quick.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.done;
  const act: Act =
    <O>(refusal: number, body: (call: Call<O>) => Promise<number>) =>
    async (...all) => {
      // Commander hands over the arguments, the options and the command.
      const self = all.pop() as Command;
      const options = all.pop() as O & { output?: Output['format'] };
      const output = createOutput(options.output ?? 'text');
      try {
        const load = () => loadConfig({ flags: flagsOf(self) });
        code = await body({ args: all as string[], options, output, load });
      } catch (error) {
        showError(output, error);
        code = refusal;
      }
    };
  try {
    await createProgram(act).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
  }
  return code;
}

function createProgram(act: Act): Command {
  const program = new Command('millrace')
    .description('Runs workflow files as durable jobs over REST.')
    .version(programVersion(), '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('See `millrace --help`.')
    .configureHelp({ helpWidth: 120 });

  serverOptions(program.command('serve').description('run the server'))
    .addHelpText(
      'after',
      '\nEvery other setting is a flag as well: `millrace config` and docs/settings.md list them all.',
    )
    .action(
      act(exitCodes.failed, async ({ load, output }) =>
        (await import('./serve.ts')).serve(load(), programVersion(), output),
      ),
    );

  clientOptions(program.command('run').description('submit a job to the server that runs'))
    .argument('<workflow>', 'path of the workflow, such as /Examples/Hello')
    .option('-p, --parameter <name=value>', 'one parameter; repeat it for more', collect, [])
    .option('--input <json>', 'the whole input: JSON text, @file, or - for standard input')
    .option('--wait', 'show the log, wait for the end and print the output; the exit code is the outcome', false)
    .option('--queue <name>', 'queue to use')
    .option('--idempotency-key <key>', 'a second submit with the same key answers the first job')
    .addHelpText('after', '\nExit codes: 0 completed (or submitted), 1 failed, 2 not carried out, 3 cancelled.')
    .action(
      act<RunOptions>(exitCodes.refused, async ({ args, options, load, output }) =>
        (await import('./run.ts')).run(args[0]!, options, load().config, output),
      ),
    );

  program
    .command('validate')
    .description('check workflow files without running them')
    .argument('<file...>', 'definitions')
    .addOption(outputOption())
    .action(
      act(exitCodes.failed, async ({ args, output }) => (await import('./validate.ts')).validate(args.flat(), output)),
    );

  serverOptions(program.command('config').description('list every setting, its value and where it comes from'))
    .addOption(outputOption())
    .action(act(exitCodes.failed, async ({ load, output }) => (await import('./config.ts')).config(load(), output)));

  addAccountCommands(program, act);
  return program;
}

function addAccountCommands(program: Command, act: Act): void {
  const token = program.command('token').description('API tokens');
  clientOptions(token.command('create').description('create an API token and print it, once'))
    .requiredOption('--name <text>', 'what it is for')
    .option('--for <user>', 'whose token it is', 'admin')
    .option('--scope <scope>', 'what it may be used for; repeat it for more; none: all its user may', collect, [])
    .option('--expires-in-days <days>', 'days until it expires; absent: never', wholeDays)
    .action(
      act<TokenOptions>(exitCodes.refused, async ({ options, load, output }) =>
        (await import('./accounts.ts')).createToken(options, load().config, output),
      ),
    );

  const user = program.command('user').description('user accounts');
  const stdin = ['--password-stdin', 'read the password from standard input; else it is asked for or drawn'] as const;
  clientOptions(user.command('add').description('add a user'))
    .argument('<name>', 'sign-in name')
    .option('--role <role>', 'admin, operator, user, viewer or kie-server; repeat it for more', collect, [])
    .option('--group <group>', 'a group; repeat it for more', collect, [])
    .option(...stdin, false)
    .action(
      act<UserOptions>(exitCodes.refused, async ({ args, options, load, output }) =>
        (await import('./accounts.ts')).addUser(args[0]!, options, load().config, output),
      ),
    );
  clientOptions(user.command('password').description('set a new password'))
    .argument('<name>', 'sign-in name')
    .option(...stdin, false)
    .action(
      act<UserOptions>(exitCodes.refused, async ({ args, options, load, output }) =>
        (await import('./accounts.ts')).setPassword(args[0]!, options, load().config, output),
      ),
    );
}
