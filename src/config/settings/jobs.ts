import { duration, integer } from '../kinds.ts';
import { day, setting } from './setting.ts';

/** Jobs: how many, how long. */
export const jobs = {
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
};
