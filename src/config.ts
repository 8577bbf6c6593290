import { availableParallelism } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import type { Machine } from './config/kinds.ts';
import { type Config, defaultText, type SettingRow, settingRows } from './config/settings.ts';
import {
  clientVariables,
  type Environment,
  type Flags,
  type Found,
  type Origin,
  readEnvironment,
  readFile,
  readFlags,
} from './config/sources.ts';
import { type FieldError, fail } from './model/errors.ts';

export { nearest } from './config/nearest.ts';
export { type Config, settingRows } from './config/settings.ts';
export type { Environment, Flags, Origin } from './config/sources.ts';

/** Where configuration is looked for. Everything has a default: this process's environment and working folder. */
export interface ConfigInput {
  flags?: Flags;
  /** Secrets are taken out of it. */
  env?: Environment;
  cwd?: string;
  machine?: Omit<Machine, 'folder'>;
}

export interface LoadedConfig {
  config: Config;
  /** Where each value comes from, by setting name. */
  origins: Readonly<Record<string, Origin>>;
}

/**
 * Reads every setting: flag before environment before file before default. Throws `configuration` with everything that
 * is wrong at once: each entry names the setting, the value, where it came from and what is accepted.
 */
export function loadConfig(input: ConfigInput = {}): LoadedConfig {
  const env = input.env ?? process.env;
  const cwd = input.cwd ?? process.cwd();
  const flags = input.flags ?? {};
  const errors: FieldError[] = [];
  const named = typeof flags['config'] === 'string' ? flags['config'] : env['MILLRACE_CONFIG'] || undefined;
  const sources = [readFlags(flags, cwd, errors), readEnvironment(env, cwd, errors), readFile(named, cwd, errors)];
  dropSecrets(env);

  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  const machine = { ...(input.machine ?? thisMachine()), folder: resolve(cwd) };
  for (const row of settingRows) {
    const found = sources.find((source) => source.has(row.name))?.get(row.name);
    origins[row.name] = found?.origin ?? { source: 'default' };
    const value = found && readValue(row, found, errors);
    values[row.name] = value ?? (typeof row.default === 'function' ? row.default(machine, values) : row.default);
  }
  checkFolders(values, errors);
  if (errors.length > 0) {
    const detail = errors.length === 1 ? errors[0]!.message : `${errors.length} settings are wrong.`;
    throw fail('configuration', { detail, errors });
  }
  return { config: freeze(nest(values)) as Config, origins };
}

/** One line of `millrace config`. */
export interface ListedSetting {
  name: string;
  /** As text; of a secret only whether it is set. */
  value: string;
  origin: Origin;
  default: string;
  unit?: string;
  description: string;
}

/** Every setting with its value and where it comes from; secrets are masked. */
export function listSettings({ config, origins }: LoadedConfig): ListedSetting[] {
  return settingRows.map((row) => {
    const value = row.name.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], config);
    return {
      name: row.name,
      value: row.kind.show(value),
      origin: origins[row.name]!,
      default: defaultText(row),
      ...(row.unit === undefined ? {} : { unit: row.unit }),
      description: row.description,
    };
  });
}

/** What the command line needs to reach a server that runs, from the environment; secrets are taken out of it. */
export function readClientEnvironment(
  env: Environment = process.env,
): Record<'url' | 'user' | 'password' | 'token', string | undefined> {
  const [url, user, password, token] = clientVariables.map((name) => env[name] || undefined);
  dropSecrets(env);
  return { url, user, password, token };
}

/** What child processes may choose from: this process's environment without anything of ours. */
export const inheritableEnvironment = (env: Environment = process.env): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MILLRACE_')));

// A child process, a crash report or `/proc/<pid>/environ` of a fork must not find them.
function dropSecrets(env: Environment): void {
  for (const row of settingRows) if (row.secret) delete env[row.env];
  delete env['MILLRACE_PASSWORD'];
  delete env['MILLRACE_TOKEN'];
}

const thisMachine = (): Omit<Machine, 'folder'> => ({
  cores: availableParallelism(),
  terminal: process.stdout.isTTY === true,
});

function readValue(row: SettingRow, { raw, origin, folder }: Found, errors: FieldError[]): unknown {
  // A secret whose file could not be read has been reported.
  if (raw === undefined) return undefined;
  const value = row.kind.read(raw, folder);
  if (value !== undefined) return value;
  const shown = row.secret ? 'the value' : JSON.stringify(raw).slice(0, 200);
  errors.push({
    pointer: row.name,
    message: `${row.name}: ${shown} (from ${origin.name}) is not accepted. Accepted: ${row.kind.accepts}.`,
    accepted: row.kind.accepts,
  });
  return undefined;
}

// Secrets and the database must not be served as workflows, nor the database scanned for them.
function checkFolders(values: Record<string, unknown>, errors: FieldError[]): void {
  const workflows = String(values['workflows']);
  for (const name of ['data', 'secretsFolder']) {
    const folder = String(values[name]);
    if (!isWithin(workflows, folder)) continue;
    const message = `${name}: ${folder} lies in the workflows folder ${workflows}. Choose a folder beside it.`;
    errors.push({ pointer: name, message });
  }
}

const isWithin = (outer: string, inner: string): boolean => {
  const path = relative(outer, inner);
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && resolve(outer, path) === inner);
};

function nest(values: Record<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const keys = name.split('.');
    const last = keys.pop()!;
    let part = root;
    for (const key of keys) {
      part[key] ??= {};
      part = part[key] as Record<string, unknown>;
    }
    part[last] = value;
  }
  return root;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) freeze(part);
    Object.freeze(value);
  }
  return value;
}
