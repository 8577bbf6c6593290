import type { NewJob } from '../../src/model/job.ts';
import type { JournalEntry, LogLine } from '../../src/model/run.ts';

/** Where time begins in these tests. */
export const T0 = 1_700_000_000_000;

export const newJob = (change: Partial<NewJob> = {}): NewJob => ({
  workflow: '/Examples/Sample',
  version: 'a'.repeat(64),
  input: { json: '{"rows":3}' },
  owner: 'ada',
  queue: 'default',
  priority: 0,
  labels: {},
  dialect: 'native',
  limits: {},
  onInterrupted: 'resume',
  createdAt: T0,
  start: true,
  files: [],
  ...change,
});

export const step = (key: string, change: Partial<JournalEntry> = {}): JournalEntry => ({
  key,
  name: key.split('/').at(-1) ?? key,
  type: 'call:http',
  state: 'completed',
  attempt: 1,
  output: { json: '"done"' },
  startedAt: T0,
  endedAt: T0 + 5,
  ...change,
});

export const begun = (key: string, attempt = 1): JournalEntry => ({
  key,
  name: key,
  type: 'call:http',
  state: 'begun',
  attempt,
  startedAt: T0,
});

export const line = (text: string, change: Partial<LogLine> = {}): LogLine => ({
  at: T0,
  level: 'info',
  text,
  ...change,
});

/** A server that claims. */
export const me = { owner: 'server-1', leaseMs: 30_000 };
export const completed = (json = '{"ok":true}') => ({ kind: 'completed' as const, output: { json } });
export const failed = (detail = 'It broke.') => ({
  kind: 'failed' as const,
  error: { type: '/errors/step-failed', title: 'A step failed', status: 500, code: 'step-failed' as const, detail },
});
