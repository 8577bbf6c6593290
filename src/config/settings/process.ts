import { duration, flag, integer, optional, text } from '../kinds.ts';
import { day, setting } from './setting.ts';

/** Scripts, shell commands and containers of workflows. */
export const process = {
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
};
