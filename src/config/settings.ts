import type { Setting } from './kinds.ts';
import { jobs } from './settings/jobs.ts';
import { knime } from './settings/knime.ts';
import { log } from './settings/log.ts';
import { outbound } from './settings/outbound.ts';
import { place } from './settings/place.ts';
import { process } from './settings/process.ts';
import { reach } from './settings/reach.ts';
import { requests } from './settings/requests.ts';
import { workflowFiles } from './settings/workflow-files.ts';

/**
 * Every setting there is, in the order it is listed. A name gives its other spellings by rule: `outbound.maxMiB` is
 * `--outbound-max-mib`, `MILLRACE_OUTBOUND_MAX_MIB`, and `maxMiB` below `outbound` in the file. A default that is a rule
 * may use the settings above it.
 */
export const settings = {
  ...place,
  ...reach,
  ...requests,
  ...jobs,
  ...workflowFiles,
  process,
  outbound,
  knime,
  ...log,
};

type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : ValuesOf<T[K]>;
};

/** Every setting's value, named as in the table; durations in seconds, sizes in bytes unless the name says otherwise. */
export type Config = ValuesOf<typeof settings>;

/** One row of the table with its spellings. */
export interface SettingRow extends Setting<unknown> {
  /** Dotted: `outbound.private`. */
  name: string;
  /** `MILLRACE_OUTBOUND_PRIVATE`. */
  env: string;
  /** `outbound-private`; of a secret `admin-password-file`, since other users of the machine see arguments. */
  flag: string;
}

const words = (name: string): string[] =>
  name
    .replaceAll('.', '-')
    .replace(/([a-z])(MiB|KiB)$/, '$1-$2')
    .split('-')
    .flatMap((word) => (/^(MiB|KiB)$/.test(word) ? [word] : word.split(/(?=[A-Z])/)))
    .map((word) => word.toLowerCase());

/** The rows of the table, flat, in order. */
export const settingRows: readonly SettingRow[] = flatten(settings, '');

function flatten(part: object, prefix: string): SettingRow[] {
  return Object.entries(part).flatMap(([key, entry]) => {
    const name = `${prefix}${key}`;
    if (!('kind' in entry)) return flatten(entry, `${name}.`);
    const row = entry as Setting<unknown>;
    const spelled = words(name);
    return {
      ...row,
      name,
      env: `MILLRACE_${spelled.join('_').toUpperCase()}`,
      flag: `${spelled.join('-')}${row.secret ? '-file' : ''}`,
    };
  });
}

/** The default in words. */
export const defaultText = (row: SettingRow): string =>
  row.defaultText ?? (typeof row.default === 'function' ? '' : row.kind.show(row.default)) ?? '';
