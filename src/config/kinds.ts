import { resolve } from 'node:path';

/** What a default may depend on. */
export interface Machine {
  cores: number;
  /** Whether standard output is a terminal. */
  terminal: boolean;
  /** Folder that relative paths start from. */
  folder: string;
}

/** How a raw value (text of a flag or variable, or a value of the configuration file) becomes a value of a kind. */
export interface Kind<V> {
  /** What is accepted, as the end of a sentence. */
  accepts: string;
  /** Undefined: it does not fit. `folder` is where relative paths of this source start. */
  read(raw: unknown, folder: string): V | undefined;
  /** As text, for `millrace config`. */
  show(value: V): string;
}

/** One setting: the table in settings.ts is made of these. */
export interface Setting<V> {
  kind: Kind<V>;
  /** A value, or a rule that sees the machine and the settings that stand before it. */
  default: NoInfer<V> | ((machine: Machine, known: Readonly<Record<string, unknown>>) => NoInfer<V>);
  /** The default in words, where it is a rule. */
  defaultText?: string;
  unit?: string;
  description: string;
  secret?: boolean;
  /** Listed by `millrace serve --help`. */
  common?: boolean;
}

const asText = (raw: unknown): string | undefined =>
  typeof raw === 'string' ? raw.trim() : typeof raw === 'number' ? String(raw) : undefined;

const asNumber = (raw: unknown): number | undefined => {
  const text = asText(raw);
  return text !== undefined && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
};

export const text = (accepts = 'text'): Kind<string> => ({
  accepts,
  read: (raw) => asText(raw) || undefined,
  show: (value) => value,
});

/** A secret keeps the spaces it has. */
export const secretText: Kind<string> = {
  accepts: 'text',
  read: (raw) => (typeof raw === 'string' && raw !== '' ? raw : undefined),
  show: () => '********',
};

export const optional = <V>(kind: Kind<V>): Kind<V | undefined> => ({
  accepts: kind.accepts,
  read: kind.read,
  show: (value) => (value === undefined ? '' : kind.show(value)),
});

/** A folder or file, made absolute. */
export const path: Kind<string> = {
  accepts: 'a path',
  read: (raw, folder) => {
    const found = typeof raw === 'string' ? raw.trim() : '';
    return found === '' || found.includes('\0') ? undefined : resolve(folder, found);
  },
  show: (value) => value,
};

export const integer = (from: number, to: number): Kind<number> => ({
  accepts: `a whole number from ${from} to ${to}`,
  read: (raw) => {
    const value = asNumber(raw);
    return value !== undefined && Number.isInteger(value) && value >= from && value <= to ? value : undefined;
  },
  show: String,
});

const seconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3_600, d: 86_400 };

/** Seconds, from `30`, `30s`, `5m`, `1h30m`, `250ms`, `2d`. */
export const duration = (from: number, to: number): Kind<number> => ({
  accepts: `a time from ${showSeconds(from)} to ${showSeconds(to)}, such as 30s, 5m, 1h30m or plain seconds`,
  read: (raw) => {
    const value = asNumber(raw) ?? readUnits(asText(raw) ?? '', seconds);
    return value !== undefined && value >= from && value <= to ? value : undefined;
  },
  show: showSeconds,
});

function showSeconds(value: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (value >= seconds[unit]! && value % seconds[unit]! === 0) return `${value / seconds[unit]!}${unit}`;
  }
  return value !== 0 && value < 1 ? `${value * 1_000}ms` : `${value}s`;
}

const sizes: Record<string, number> = { b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9 };

/** Bytes, from `1048576`, `64KiB`, `1MiB`, `2GiB`. */
export const size = (from: number, to: number): Kind<number> => ({
  accepts: `a size from ${showBytes(from)} to ${showBytes(to)}, such as 64KiB, 1MiB or plain bytes`,
  read: (raw) => {
    const value = asNumber(raw) ?? readUnits((asText(raw) ?? '').toLowerCase(), sizes);
    return value !== undefined && Number.isInteger(value) && value >= from && value <= to ? value : undefined;
  },
  show: showBytes,
});

function showBytes(value: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    const bytes = sizes[unit.toLowerCase()]!;
    if (value >= bytes && value % bytes === 0) return `${value / bytes}${unit}`;
  }
  return String(value);
}

function readUnits(found: string, units: Record<string, number>): number | undefined {
  const part = /(\d+(?:\.\d+)?) ?([a-z]+) ?/y;
  let total = 0;
  for (let match = part.exec(found); match; match = part.exec(found)) {
    const unit = units[match[2]!];
    if (unit === undefined) return undefined;
    // Decimal fractions of a unit are meant exactly: 0.3s is 300 ms, not 299.99.
    total += Number((Number(match[1]) * unit).toFixed(6));
    if (part.lastIndex === found.length) return total;
  }
  return undefined;
}

export const choice = <V extends string>(...names: readonly V[]): Kind<V> => ({
  accepts: `one of ${names.join(', ')}`,
  read: (raw) => names.find((name) => name === asText(raw)?.toLowerCase()),
  show: (value) => value,
});

const spellings: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

export const flag: Kind<boolean> = {
  accepts: 'true or false (also yes/no, on/off, 1/0)',
  read: (raw) => (typeof raw === 'boolean' ? raw : spellings[asText(raw)?.toLowerCase() ?? '']),
  show: String,
};

/** Items of one kind: a list in the file, comma-separated text elsewhere. */
export const listOf = (item: Kind<string>): Kind<readonly string[]> => ({
  accepts: `a list (commas between) of ${item.accepts}`,
  read: (raw, folder) => {
    const parts = Array.isArray(raw) ? raw : typeof raw === 'string' ? raw.split(',') : undefined;
    const values = parts?.filter((part) => part !== '').map((part) => item.read(part, folder));
    return values?.every((value) => value !== undefined) ? values : undefined;
  },
  show: (value) => value.join(','),
});

/** Name to value: a mapping in the file, `name=value,name=value` elsewhere. */
export const mapOf = (item: Kind<string>, sample: string): Kind<Readonly<Record<string, string>>> => ({
  accepts: `name=value pairs (commas between), such as ${sample}`,
  read: (raw, folder) => {
    const pairs = readPairs(raw);
    const values = pairs?.map(([name, value]) => [name.trim(), item.read(value, folder)] as const);
    if (!values?.every(([name, value]) => name !== '' && value !== undefined)) return undefined;
    return Object.fromEntries(values as [string, string][]);
  },
  show: (value) =>
    Object.entries(value)
      .map((pair) => pair.join('='))
      .join(','),
});

function readPairs(raw: unknown): [string, unknown][] | undefined {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return Object.entries(raw);
  if (typeof raw !== 'string') return undefined;
  const parts = raw.split(',').filter((part) => part.trim() !== '');
  return parts.map((part) => {
    const at = part.indexOf('=');
    return at < 0 ? [part, undefined] : [part.slice(0, at), part.slice(at + 1)];
  });
}

/** An http or https address without credentials; a closing slash is dropped. */
export const webAddress: Kind<string> = {
  accepts: 'an http:// or https:// address',
  read: (raw) => {
    const found = asText(raw) ?? '';
    if (!/^https?:\/\//i.test(found) || !URL.canParse(found)) return undefined;
    const url = new URL(found);
    return url.username || url.password || url.search || url.hash ? undefined : url.href.replace(/\/+$/, '');
  },
  show: (value) => value,
};

/** Where a page comes from, as browsers say it: scheme, host and port, no path. */
export const webOrigin: Kind<string> = {
  accepts: 'origins, such as https://app.example.org',
  read: (raw) => {
    const found = (asText(raw) ?? '').toLowerCase().replace(/\/$/, '');
    return /^https?:\/\//.test(found) && URL.canParse(found) && new URL(found).origin === found ? found : undefined;
  },
  show: (value) => value,
};

/** A host name, an address, `*.domain` or `*`; no scheme, path or spaces. */
export const hostName: Kind<string> = {
  accepts: 'host names without scheme',
  read: (raw) => {
    const found = asText(raw)?.toLowerCase() ?? '';
    return /^\*$|^(\*\.)?[a-z0-9._-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/.test(found) ? found : undefined;
  },
  show: (value) => value,
};

/** An address, a network in CIDR form, or a host name. */
export const network: Kind<string> = {
  accepts: 'addresses, networks (10.0.0.0/8) or host names',
  read: (raw) => {
    const found = asText(raw)?.toLowerCase() ?? '';
    return /^[a-z0-9.:_-]+(\/\d{1,3})?$/.test(found) ? found : undefined;
  },
  show: (value) => value,
};
