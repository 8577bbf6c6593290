import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import type { Job, NewFile, NewJob } from '../../src/model/job.ts';
import type { ExecutedRun } from '../../src/store.ts';
import { completed, failed, line, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const END = T0 + 7;
const file = (name: string, direction: 'in' | 'out'): NewFile => ({
  name,
  direction,
  contentType: 'text/csv',
  blob: 'd'.repeat(64),
  bytes: 3,
});

export function endedSpecs(subject: Subject): void {
  const runOf = async (outcome: ExecutedRun['outcome']): Promise<ExecutedRun> => ({
    id: await subject.store.newJobId(),
    owner: me.owner,
    startedAt: T0,
    endedAt: END,
    outcome,
  });

  /** The same job in the ordinary way: inserted, claimed, ended. */
  async function inSteps(job: NewJob, outcome: ExecutedRun['outcome']): Promise<number> {
    const { claim } = await subject.store.insertJob(job, { claim: me });
    await subject.store.finishRun(claim!.fence, { outcome, at: END, maxInterruptions: 3 });
    return claim!.job.id;
  }

  const anyJob: fc.Arbitrary<NewJob> = fc
    .record(
      {
        input: fc.oneof(
          fc.json().map((json) => ({ json })),
          fc.constant({ blob: 'e'.repeat(64), bytes: 70_000 }),
        ),
        priority: fc.integer({ min: -100, max: 100 }),
        labels: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 }),
        limits: fc.record({ runMs: fc.integer({ min: 1, max: 1e9 }), totalMs: fc.integer({ min: 100, max: 1e9 }) }),
        businessKey: fc.string({ minLength: 1 }),
        origin: fc.constant({ address: '192.0.2.1' }),
        discard: fc.constant(true),
        files: fc.constantFrom<NewFile[]>([file('in.csv', 'in')]),
        onInterrupted: fc.constantFrom('resume' as const, 'retry' as const, 'fail' as const),
      },
      { requiredKeys: [] },
    )
    .map(newJob);

  const anyOutcome: fc.Arbitrary<ExecutedRun['outcome']> = fc.oneof(
    fc.json().map((json) => completed(json)),
    fc.constant({ kind: 'completed' as const, output: { blob: 'f'.repeat(64), bytes: 80_000 } }),
    fc.constantFrom<ExecutedRun['outcome']>({ ...completed(), files: [file('out.csv', 'out')] }),
    fc.string().map((detail) => failed(detail)),
    fc.string().map((reason) => ({ kind: 'cancelled' as const, reason })),
  );

  it('keeps what inserting, claiming and ending it one by one would keep', async () => {
    const { store } = subject;
    const seen = async (id: number) => {
      const { id: _id, uuid, ...job } = (await store.findJob(id)) as Job;
      expect(uuid).toBe(store.jobUuid(id));
      const runs = (await store.listRuns(id)).map(({ job: _job, ...run }) => run);
      return { job, runs, files: await store.listFiles(id) };
    };
    await fc.assert(
      fc.asyncProperty(anyJob, anyOutcome, async (job, outcome) => {
        const run = await runOf(outcome);
        await store.insertEnded(job, run);
        expect(await seen(run.id)).toEqual(await seen(await inSteps(job, outcome)));
      }),
      { numRuns: 60 },
    );
  });

  it('is in the counts of its workflow and in lists, and its id is nobody else’s, also after a restart', async () => {
    const workflow = newJob().workflow;
    for (const outcome of [completed(), failed(), { kind: 'cancelled' as const, reason: 'x' }]) {
      await subject.store.insertEnded(newJob(), await runOf(outcome));
    }
    const { id } = (await subject.store.insertJob(newJob())).job;
    const last = await runOf(completed());
    expect(last.id).toBeGreaterThan(id);
    await subject.store.insertEnded(newJob(), last);
    const query = { order: 'newest' as const, limit: 10 };
    const listed = async () =>
      (await subject.store.listJobs({ ...query, workflow, states: ['completed'] })).items.map((job) => job.id);
    const before = await listed();
    expect(before).toEqual([last.id, id - 3]);
    await subject.reopen();
    expect(await listed()).toEqual(before);
    expect(await subject.store.countRuns([workflow])).toEqual([{ workflow, runs: 4, elapsedMs: 28 }]);
    expect(await subject.store.newJobId()).toBeGreaterThan(last.id);
  });

  it('takes the lines of its log along', async () => {
    const { store } = subject;
    const run = await runOf(completed());
    await store.insertEnded(newJob(), run, [line('a'), line('b', { level: 'warn' })]);
    const { lines } = await store.readLog(run.id, { limit: 10 });
    expect(lines.map(({ seq, text }) => [seq, text])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(await store.countLogs([run.id])).toEqual([{ job: run.id, lines: 2, warnings: 1, errors: 0 }]);
  });

  it('announces its end, and nothing before', async () => {
    const { store } = subject;
    const heard: Change[] = [];
    const stop = store.watch((changes) => void heard.push(...changes));
    const run = await runOf(failed());
    await store.insertEnded(newJob(), run);
    stop();
    expect(heard).toEqual([{ kind: 'job', job: run.id, state: 'failed', final: true, at: END }]);
  });

  it('leaves nothing of a job whose id is taken', async () => {
    const { store } = subject;
    const { job } = await store.insertJob(newJob());
    const run = { ...(await runOf(completed())), id: job.id };
    await expect(store.insertEnded(newJob(), run, [line('a')])).rejects.toThrow();
    expect(await store.findJob(job.id)).toEqual(job);
    expect((await store.readLog(job.id, { limit: 10 })).lines).toEqual([]);
  });

  it('cannot be claimed, cancelled or ended again', async () => {
    const { store } = subject;
    const run = await runOf(completed());
    await store.insertEnded(newJob(), run);
    expect(await store.claimJobs({ ...me, max: 10, at: END })).toEqual([]);
    await expect(store.cancelJob(run.id, { reason: 'x', at: END })).rejects.toThrow('completed already');
    const again = { outcome: failed(), at: END + 1, maxInterruptions: 3 };
    expect(await store.finishRun({ job: run.id, token: 1 }, again)).toBeUndefined();
    expect((await store.findJob(run.id))?.state).toBe('completed');
  });

  it('gives every id to one job only, whoever asks', async () => {
    const { store } = subject;
    const ids = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        if (index % 3 === 0) return (await store.insertJob(newJob())).job.id;
        const run = await runOf(completed());
        await store.insertEnded(newJob(), run);
        return run.id;
      }),
    );
    expect(new Set(ids).size).toBe(300);
  });
}
