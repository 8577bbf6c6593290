import { join } from 'node:path';
import {
  choice,
  duration,
  flag,
  hostName,
  integer,
  type Kind,
  listOf,
  mapOf,
  network,
  optional,
  path,
  type Setting,
  secretText,
  size,
  text,
  webAddress,
  webOrigin,
} from './kinds.ts';

// Keeps the literal type of each row while checking it against the shape.
const setting = <V>(row: Setting<V>): Setting<V> => row;
const list = (item: Kind<string>, description: string): Setting<readonly string[]> =>
  setting({ kind: listOf(item), default: [], defaultText: 'none', description });

const day = 86_400;
const GiB = 2 ** 30;

/**
 * Every setting there is, in the order it is listed. A name gives its other spellings by rule: `outbound.maxMiB` is
 * `--outbound-max-mib`, `MILLRACE_OUTBOUND_MAX_MIB`, and `maxMiB` below `outbound` in the file. A default that is a rule
 * may use the settings above it.
 */
export const settings = {
  // --- where
  host: setting({
    kind: text('an address or host name'),
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 or :: for all.',
    common: true,
  }),
  port: setting({
    kind: integer(0, 65_535),
    default: 8_080,
    description: 'Port to listen on; 0 takes a free one.',
    common: true,
  }),
  data: setting({
    kind: path,
    default: ({ folder }) => join(folder, 'data'),
    defaultText: './data',
    description: 'Folder with the database, files and keys. Deleting it removes all that Millrace keeps.',
    common: true,
  }),
  workflows: setting({
    kind: path,
    default: ({ folder }) => join(folder, 'workflows'),
    defaultText: './workflows',
    description: 'Folder with the workflow definitions.',
    common: true,
  }),
  secretsFolder: setting({
    kind: path,
    default: (_machine, known) => join(String(known['data']), 'secrets'),
    defaultText: '<data>/secrets',
    description: 'Folder with the secrets of workflows, one file each; a definition names them under `use.secrets`.',
  }),
  adminPassword: setting({
    kind: optional(secretText),
    default: undefined,
    defaultText: 'drawn at the first start and printed once',
    description: 'Password of the user `admin`, set at every start.',
    secret: true,
    common: true,
  }),

  // --- who may reach it
  publicUrl: setting({
    kind: optional(webAddress),
    default: undefined,
    defaultText: 'taken from each request',
    description: 'Address under which clients see the server, with its path prefix behind a proxy.',
    common: true,
  }),
  allowedHosts: list(
    hostName,
    'Host names that requests may carry, besides loopback names, `host` and that of `publicUrl`; `*.domain` stands for all below, `*` for any.',
  ),
  allowedOrigins: list(
    webOrigin,
    'Origins of other sites whose pages may call this server from a browser, with a token or password of their own (CORS).',
  ),
  trustProxy: list(network, 'Proxies whose X-Forwarded-* headers are believed.'),
  docsPublic: setting({
    kind: flag,
    default: true,
    description: 'Whether the API documents (`/openapi.json`, `/docs`, `/postman.json`) need no login.',
  }),
  loginFailures: setting({
    kind: integer(1, 10_000),
    default: 10,
    unit: 'per minute',
    description: 'Failed logins per address and user name before further ones are turned away for a while.',
  }),

  // --- how much of a request
  bodyLimit: setting({
    kind: size(1_024, GiB),
    default: 2 ** 20,
    unit: 'bytes',
    description: 'Largest JSON body of a request.',
  }),
  uploadLimit: setting({
    kind: size(1_024, 1_024 * GiB),
    default: 2 ** 28,
    unit: 'bytes',
    description: 'Largest uploaded file.',
  }),
  maxWait: setting({
    kind: duration(0, day),
    default: 25,
    unit: 'seconds',
    description: 'Longest time a request waits for a job; then it is answered 202 with the id.',
  }),
  maxConnections: setting({
    kind: integer(1, 1_000_000),
    default: 12_000,
    description: 'Connections open at once; further ones are refused.',
  }),

  // --- jobs
  workers: setting({
    kind: integer(1, 256),
    default: ({ cores }) => cores,
    defaultText: 'number of cores',
    description: 'Threads that interpret workflows.',
    common: true,
  }),
  slots: setting({
    kind: integer(1, 1_024),
    default: 64,
    description: 'Jobs that run at once on each of these threads.',
    common: true,
  }),
  maxQueued: setting({
    kind: integer(1, 100_000_000),
    default: 1_000_000,
    description: 'Jobs that may be queued; beyond that a submit is answered 503.',
  }),
  retentionDays: setting({
    kind: integer(0, 36_500),
    default: 30,
    unit: 'days',
    description: 'How long finished jobs are kept; 0 keeps them for ever.',
  }),
  loadedDays: setting({
    kind: integer(0, 36_500),
    default: 30,
    unit: 'days',
    description: 'How long a loaded job may wait for its start before it is cancelled; 0 lets it wait for ever.',
  }),
  eventDays: setting({
    kind: integer(0, 36_500),
    default: 30,
    unit: 'days',
    description: 'How long events are kept that ends of jobs published to topics; 0 keeps them for ever.',
  }),
  uploadHours: setting({
    kind: integer(1, 876_000),
    default: 24,
    unit: 'hours',
    description: 'How long files that users uploaded for jobs to come are kept.',
  }),
  resultLinkSeconds: setting({
    kind: duration(1, 30 * day),
    default: day,
    unit: 'seconds',
    description:
      'How long after the end of a job the address of its result works that needs no login (data downloads of FME clients).',
  }),
  minFreeMiB: setting({
    kind: integer(0, 2 ** 30),
    default: 512,
    unit: 'MiB',
    description: 'Free space in the data folder below which no further jobs are accepted (507); running jobs go on.',
  }),
  drainSeconds: setting({
    kind: duration(0, day),
    default: 30,
    unit: 'seconds',
    description: 'At the end of the server: time for running jobs to finish; then they are handed back to the queue.',
    common: true,
  }),
  leaseSeconds: setting({
    kind: duration(2, 3_600),
    default: 12,
    unit: 'seconds',
    description: 'How long a claimed job is held without a sign of life from its worker.',
  }),
  cancelGraceSeconds: setting({
    kind: duration(0, 3_600),
    default: 5,
    unit: 'seconds',
    description: 'Time a cancelled run has to end by itself before it is ended by force.',
  }),
  maxInterruptions: setting({
    kind: integer(0, 1_000),
    default: 10,
    description:
      'How often a job may be cut off (its process killed) without finishing a step in between before it fails.',
  }),
  maxScheduleFailures: setting({
    kind: integer(-1, 1_000_000),
    default: 3,
    description: 'Failures in a row after which a schedule is disabled; -1: never.',
  }),

  // --- workflow files
  watch: setting({
    kind: flag,
    default: true,
    description: 'Whether changes in the workflows folder are seen at once; off for network drives.',
  }),
  rescanSeconds: setting({
    kind: duration(1, day),
    default: 30,
    unit: 'seconds',
    description: 'How often the workflows folder is read through besides.',
  }),

  // --- scripts, shell commands and containers of workflows
  process: {
    concurrency: setting({
      kind: integer(1, 1_024),
      default: ({ cores }) => Math.max(4, cores * 2),
      defaultText: 'twice the number of cores, at least 4',
      description: 'Scripts, shell commands and containers running at once.',
    }),
    warm: setting({
      kind: integer(0, 64),
      default: 1,
      description: 'JavaScript processes held ready, so that a script starts without delay.',
    }),
    reuse: setting({
      kind: integer(0, 100_000),
      default: 50,
      description: 'Runs of the same workflow version one JavaScript process takes; 0: a new one each time.',
    }),
    timeoutSeconds: setting({
      kind: duration(1, 30 * day),
      default: 600,
      unit: 'seconds',
      description: 'Longest run of one process, unless its step says less.',
    }),
    memoryMiB: setting({
      kind: integer(32, 2 ** 20),
      default: 512,
      unit: 'MiB',
      description: 'Memory of one process and its children.',
    }),
    cpuSeconds: setting({
      kind: duration(1, 30 * day),
      default: 300,
      unit: 'seconds',
      description: 'Processor time of one process.',
    }),
    fileMiB: setting({
      kind: integer(1, 2 ** 20),
      default: 256,
      unit: 'MiB',
      description: 'Largest file a process may write.',
    }),
    children: setting({
      kind: integer(1, 10_000),
      default: 64,
      description: 'Processes one step may have at once, its children included.',
    }),
    outputKiB: setting({
      kind: integer(1, 2 ** 20),
      default: 1_024,
      unit: 'KiB',
      description: 'Standard output and standard error kept of one process, each.',
    }),
    permissions: setting({
      kind: flag,
      default: true,
      description:
        'Whether JavaScript of workflows is kept to the files of its own work folder and those that are shared.',
    }),
    container: setting({
      kind: optional(text('docker, podman or the path of such a command')),
      default: undefined,
      defaultText: 'docker or podman, whichever is found',
      description: 'Command that runs the containers of workflows.',
    }),
  },

  // --- calls of workflows to other servers
  outbound: {
    private: setting({
      kind: choice('refuse', 'allow'),
      default: 'refuse',
      description: 'Whether workflows may call loopback, private and link-local addresses.',
    }),
    allow: list(network, 'Hosts and networks workflows may call although `outbound.private` refuses them.'),
    hostMap: setting({
      kind: mapOf(webAddress, 'petstore.example=http://127.0.0.1:9000'),
      default: {},
      defaultText: 'none',
      description: 'Host names that are answered by another server; for tests.',
    }),
    maxMiB: setting({
      kind: integer(1, 4_096),
      default: 16,
      unit: 'MiB',
      description: 'Largest answer of another server, after decompression.',
    }),
    timeoutSeconds: setting({
      kind: duration(1, day),
      default: 30,
      unit: 'seconds',
      description: 'Longest call, unless its step says otherwise.',
    }),
    maxRedirects: setting({
      kind: integer(0, 50),
      default: 5,
      description: 'Redirects followed in one call.',
    }),
  },

  // --- clients of KNIME Server
  knime: {
    stateNames: setting({
      kind: choice('new', 'old'),
      default: 'new',
      description:
        'Names of job states: `new` as KNIME Server 4.12 and later; `old` for earlier clients, to which a job that ended is `EXECUTED` or `IDLE`.',
    }),
    tokenSeconds: setting({
      kind: duration(60, 365 * day),
      default: day / 2,
      unit: 'seconds',
      description: 'How long a token from `/knime/rest/v4/auth/jwt` works.',
    }),
  },

  // --- log
  logLevel: setting({
    kind: choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    description: 'Least important lines the server writes.',
    common: true,
  }),
  logFormat: setting({
    kind: choice('pretty', 'json'),
    default: ({ terminal }) => (terminal ? 'pretty' : 'json'),
    defaultText: 'pretty on a terminal, else json',
    description: 'Form of these lines.',
    common: true,
  }),
  logKeepKiB: setting({
    kind: integer(0, 2 ** 20),
    default: 2_048,
    unit: 'KiB',
    description: 'How much of the latest lines is kept in memory, for administrators to download.',
  }),
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
