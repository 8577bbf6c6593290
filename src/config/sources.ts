import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FieldError } from '../model/errors.ts';
import { parseJson, parseYaml } from '../yaml/index.ts';
import { nearest } from './nearest.ts';
import { type SettingRow, settingRows } from './settings.ts';

/** The command line's options as parsed: by flag name without dashes. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
export type Environment = Record<string, string | undefined>;

/** Where a value comes from. */
export interface Origin {
  source: 'flag' | 'environment' | 'file' | 'default';
  /** `--port`, `MILLRACE_PORT`, `/srv/millrace.yaml line 3`; absent for a default. */
  name?: string;
}

/** A value as found, not yet read. */
export interface Found {
  raw: unknown;
  origin: Origin;
  /** Where relative paths in it start. */
  folder: string;
}
export type FoundValues = Map<string, Found>;

/** What the command line needs to reach a server. */
export const clientVariables = ['MILLRACE_URL', 'MILLRACE_USER', 'MILLRACE_PASSWORD', 'MILLRACE_TOKEN'] as const;
/** What steps of workflows find in their environment: one that calls this program again must not be refused for it. */
const stepVariables = ['MILLRACE_PROCESS', 'MILLRACE_ATTEMPT', 'MILLRACE_IDEMPOTENCY_KEY'];
const stepValues = /^MILLRACE_VALUE_\d+$/;
const otherVariables = ['MILLRACE_CONFIG', ...stepVariables, ...clientVariables];
const fileNames = ['millrace.yaml', 'millrace.yml', 'millrace.json'];

const didYouMean = (wanted: string, known: string[]): string => {
  const name = nearest(wanted, known);
  return name === undefined ? '' : ` Did you mean ${name}?`;
};

/** Values given as flags. */
export function readFlags(flags: Flags, cwd: string, errors: FieldError[]): FoundValues {
  const found: FoundValues = new Map();
  const rows = new Map(settingRows.map((row) => [row.flag, row]));
  for (const [flag, raw] of Object.entries(flags)) {
    if (raw === undefined || flag === 'config') continue;
    const row = rows.get(flag);
    const origin: Origin = { source: 'flag', name: `--${flag}` };
    if (row) {
      const value = row.secret ? readSecret(row, String(raw), `--${flag}`, cwd, errors) : raw;
      found.set(row.name, { raw: value, origin, folder: cwd });
    } else {
      const message = `There is no flag --${flag}.${didYouMean(
        flag,
        [...rows.keys(), 'config'].map((name) => `--${name}`),
      )}`;
      errors.push({ pointer: flag, message });
    }
  }
  return found;
}

/** Values given as `MILLRACE_*` variables. An empty variable counts as absent, as compose files leave them. */
export function readEnvironment(env: Environment, cwd: string, errors: FieldError[]): FoundValues {
  const found: FoundValues = new Map();
  const known = new Set(otherVariables);
  for (const row of settingRows) {
    known.add(row.env);
    const origin: Origin = { source: 'environment', name: row.env };
    const raw = env[row.env];
    if (raw) found.set(row.name, { raw, origin, folder: cwd });
    if (!row.secret) continue;
    const twin = `${row.env}_FILE`;
    known.add(twin);
    const file = env[twin];
    if (!file) continue;
    if (raw) errors.push({ pointer: row.name, message: `${row.env} and ${twin} are both set; remove one of them.` });
    const value = readSecret(row, file, twin, cwd, errors);
    found.set(row.name, { raw: value, origin: { source: 'environment', name: twin }, folder: cwd });
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith('MILLRACE_') || known.has(name) || stepValues.test(name)) continue;
    errors.push({
      pointer: name,
      message: `The environment variable ${name} is not known.${didYouMean(name, [...known])}`,
    });
  }
  return found;
}

/** Values of the configuration file: the one named, else `millrace.yaml` or `millrace.json` in the working folder. */
export function readFile(named: string | undefined, cwd: string, errors: FieldError[]): FoundValues {
  const file = named === undefined ? findFile(cwd, errors) : resolve(cwd, named);
  const found: FoundValues = new Map();
  if (file === undefined) return found;
  const text = readText(file, 'config', errors);
  // A file with nothing but comments sets nothing.
  if (text === undefined || /^\s*(#[^\n]*\s*)*$/.test(text)) return found;
  const parsed = file.endsWith('.json') ? parseJson(text) : parseYaml(text);
  for (const { message, ...place } of parsed.issues) {
    errors.push({ pointer: 'config', message: `${file}${at(place.line, place.column)}: ${message}`, ...place });
  }
  if (parsed.issues.length > 0) return found;
  collect(parsed.value, '', '');
  return found;

  function collect(value: unknown, prefix: string, pointer: string): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const what = prefix === '' ? 'The file' : `\`${prefix.slice(0, -1)}\``;
      const message = `${file}: ${what} must be a mapping of settings to values.`;
      errors.push({ pointer: prefix.slice(0, -1) || 'config', message });
      return;
    }
    for (const [key, entry] of Object.entries(value)) {
      const name = `${prefix}${key}`;
      const here = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const place = parsed.locate(here);
      const origin: Origin = { source: 'file', name: `${file}${at(place?.line)}` };
      const row = settingRows.find((one) => one.name === name || (one.secret && `${one.name}File` === name));
      if (row && row.name !== name) {
        const secret = readSecret(row, String(entry), origin.name!, dirname(file!), errors);
        found.set(row.name, { raw: secret, origin, folder: dirname(file!) });
      } else if (row) {
        if (row.secret) checkMode(file!, row, errors);
        found.set(name, { raw: entry, origin, folder: dirname(file!) });
      } else if (settingRows.some((one) => one.name.startsWith(`${name}.`))) collect(entry, `${name}.`, here);
      else {
        const suggestion = didYouMean(name, fileKeys());
        errors.push({ pointer: name, message: `${origin.name}: there is no setting ${name}.${suggestion}`, ...place });
      }
    }
  }
}

const fileKeys = (): string[] =>
  settingRows.flatMap((row) => (row.secret ? [row.name, `${row.name}File`] : [row.name]));

const at = (line?: number, column?: number): string =>
  line === undefined ? '' : ` line ${line}${column === undefined ? '' : `, column ${column}`}`;

function findFile(cwd: string, errors: FieldError[]): string | undefined {
  const present = fileNames.map((name) => resolve(cwd, name)).filter((file) => existsSync(file));
  if (present.length > 1) {
    const message = `${present.join(' and ')} are both there; keep one of them, or name one with --config.`;
    errors.push({ pointer: 'config', message });
  }
  return present[0];
}

// A password that others on the machine can read is no password.
function checkMode(file: string, row: SettingRow, errors: FieldError[]): void {
  if (process.platform === 'win32' || (statSync(file).mode & 0o077) === 0) return;
  errors.push({
    pointer: row.name,
    message: `${file} holds ${row.name} and can be read by other users of this machine. Run: chmod 600 ${file}`,
  });
}

function readSecret(row: SettingRow, file: string, from: string, cwd: string, errors: FieldError[]): unknown {
  const text = readText(resolve(cwd, file), row.name, errors, ` (named by ${from})`);
  if (text === undefined) return undefined;
  // Editors and `echo` end files with a new line that is not meant.
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') errors.push({ pointer: row.name, message: `The file ${file} (named by ${from}) is empty.` });
  return secret || undefined;
}

function readText(file: string, pointer: string, errors: FieldError[], from = ''): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const reasons: Record<string, string> = {
      ENOENT: 'does not exist',
      EACCES: 'may not be read',
      EISDIR: 'is a folder',
    };
    errors.push({ pointer, message: `The file ${file}${from} ${reasons[code] ?? `cannot be read (${code})`}.` });
    return undefined;
  }
}
