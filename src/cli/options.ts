import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultText } from '../config/settings.ts';
import { type Flags, settingRows } from '../config.ts';

const settingFlags = new Set([...settingRows.map((row) => row.flag), 'config']);

/** Every setting as a flag; the help shows those that are often used. */
export function serverOptions(self: Command): Command {
  self.addOption(configOption());
  for (const row of settingRows) {
    const preset = defaultText(row);
    const value = row.secret ? '<file>' : '<value>';
    const variable = row.secret ? `${row.env}_FILE` : row.env;
    const hint = `(env ${variable}${preset === '' ? '' : `; default: ${preset}`})`;
    const option = new Option(`--${row.flag} ${value}`, `${row.description} ${hint}`);
    self.addOption(row.common ? option : option.hideHelp());
  }
  return self;
}

/** What commands take that talk to a server. */
export const clientOptions = (self: Command): Command =>
  self
    .option('--url <address>', 'the server (env MILLRACE_URL; default: the one that uses the data folder)')
    .option('--user <name>', 'sign in as this user, with MILLRACE_PASSWORD (env MILLRACE_USER)')
    .option('--data <value>', 'data folder of the server (env MILLRACE_DATA; default: ./data)')
    .addOption(configOption())
    .addOption(outputOption());

export const outputOption = (): Option =>
  new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text');

const configOption = (): Option =>
  new Option(
    '--config <file>',
    'configuration file (env MILLRACE_CONFIG; default: ./millrace.yaml where there is one)',
  );

/** The settings among the options of a command. */
export const flagsOf = (self: Command): Flags =>
  Object.fromEntries(
    self.options
      .map((option) => [option.long?.slice(2) ?? '', option.attributeName()] as const)
      .filter(([flag]) => settingFlags.has(flag))
      .map(([flag, attribute]) => [flag, self.getOptionValue(attribute)]),
  );

/** For options that may be given several times. */
export const collect = (value: string, before: string[]): string[] => [...before, value];

export function wholeDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
  throw new InvalidArgumentError('Accepted: a whole number from 1 to 36500.');
}
