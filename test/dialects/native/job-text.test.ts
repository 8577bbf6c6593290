import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jobText } from '../../../src/dialects/native/job-text.ts';
import { jobWire } from '../../../src/dialects/native/job-wire.ts';
import type { Job } from '../../../src/model/job.ts';
import { madeJob } from '../../../src/model/made-job.ts';
import { failed, newJob, T0 } from '../../stores/samples.ts';

const UUID = '00000000-0000-4000-8000-000000000007';
const text = fc.string({ unit: 'binary' });
const time = fc.integer({ min: 0, max: 4e12 });
/** What a plain job may have of its own. */
const plain = {
  id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  state: fc.constantFrom<Job['state'][]>('queued', 'running', 'completed', 'loaded'),
  workflow: text,
  owner: text,
  queue: text,
  dialect: fc.constantFrom<Job['dialect'][]>('native', 'knime', 'fme', 'kie'),
  priority: fc.integer({ min: -1000, max: 1000 }),
  attempt: fc.nat(),
  createdAt: time,
  startedAt: time,
  finishedAt: time,
};
/** What makes it another: each must be seen. */
const rest = {
  businessKey: text,
  labels: fc.dictionary(text, text),
  limits: fc.record({ runMs: fc.nat(), onLimit: fc.constant('cancel' as const) }, { requiredKeys: [] }),
  runAt: time,
  retry: fc.constant({ count: 1, delayMs: 1, backoff: 'constant' as const, maxDelayMs: 1, jitter: 0 }),
  publish: fc.constantFrom({ completed: ['done'], attributes: { room: '7' } }),
  parent: fc.constant({ job: 1, step: '/do/0/a' }),
  retryOf: fc.nat(),
  cancelRequestedAt: time,
  cancelReason: text,
  error: fc.constant(failed().error),
};
const aJob = (change: object): Job => ({ ...madeJob(newJob(), 7, UUID), ...change });
const base = fc.oneof(
  fc.constant(''),
  text.map((name) => `/${name}`),
);

it('is the JSON of the same job, to the byte', () => {
  const any = fc.oneof(fc.record(plain, { requiredKeys: [] }), fc.record({ ...plain, ...rest }, { requiredKeys: [] }));
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), base, (changes, path) => {
      for (const change of changes) {
        const job = aJob(change);
        expect(jobText(job, path)).toBe(JSON.stringify(jobWire(job, path)));
      }
    }),
    { numRuns: 500 },
  );
});

it.each(Object.keys(rest))('is so with %s alone', (name) => {
  fc.assert(
    fc.property(rest[name as keyof typeof rest] as fc.Arbitrary<unknown>, (value) => {
      const job = aJob({ [name]: value, startedAt: T0 });
      expect(jobText(job, '')).toBe(JSON.stringify(jobWire(job, '')));
    }),
    { numRuns: 20 },
  );
});
