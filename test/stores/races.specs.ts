import { expect, it } from 'vitest';
import { checkInvariants, recordHistory } from './invariants.ts';
import { completed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const SIDE_BY_SIDE = 200;
const many = <T>(make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, index) => make(index)));
const ended = async (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

export function raceSpecs(subject: Subject): void {
  it('hands each job to one claimer only', async () => {
    const { store } = subject;
    await many(() => store.insertJob(newJob()));
    const claims = await many((index) =>
      store.claimJobs({ owner: `server-${index % 3}`, leaseMs: 1_000, max: 3, at: T0 }),
    );
    const ids = claims.flat().map((claim) => claim.job.id);
    expect(ids).toHaveLength(SIDE_BY_SIDE);
    expect(new Set(ids).size).toBe(SIDE_BY_SIDE);
  });

  it('never runs more of a queue than its limit, by either way in', async () => {
    const { store } = subject;
    await store.saveQueue({ name: 'three', concurrency: 3, paused: false });
    const inserted = await many((index) => store.insertJob(newJob({ queue: 'three' }), index % 2 ? { claim: me } : {}));
    const claims = await many(() => store.claimJobs({ ...me, max: 2, at: T0 }));
    expect(inserted.filter((one) => one.claim).length + claims.flat().length).toBe(3);
  });

  it('makes one job of many submits with the same key', async () => {
    const idempotency = { scope: 's', key: 'k', fingerprint: 'f' };
    const inserted = await many(() => subject.store.insertJob(newJob(), { idempotency, claim: me }));
    expect(new Set(inserted.map((one) => one.job.id)).size).toBe(1);
    expect(inserted.filter((one) => !one.replayed)).toHaveLength(1);
    expect(inserted.filter((one) => one.claim)).toHaveLength(1);
  });

  it('lets exactly one of many cancels and results win, round by round', async () => {
    const { store } = subject;
    const history = recordHistory(store);
    const answered = [];
    for (let round = 0; round < 10; round++) {
      const { job, claim } = await store.insertJob(newJob(), { claim: me });
      answered.push(job);
      const results = await many(async (index) => {
        if (index % 2) return ended(store.cancelJob(job.id, { reason: 'x', at: T0 })).then(() => false);
        const outcome = index % 4 ? { kind: 'cancelled' as const, reason: 'x' } : completed();
        return (await store.finishRun(claim!.fence, { outcome, at: T0, maxInterruptions: 3 })) !== undefined;
      });
      expect(results.filter(Boolean)).toHaveLength(1);
    }
    await checkInvariants(store, { changes: history.changes, answered });
  });

  it('fails only the call that is wrong among many of one turn', async () => {
    const { store } = subject;
    await store.saveUser(
      { name: 'ada', passwordHash: '', roles: [], groups: [], enabled: true, createdAt: T0, revision: 1 },
      'new',
    );
    const token = { name: 't', user: 'ada', hash: 'same', prefix: 'p', enabled: true, createdAt: T0, updatedAt: T0 };
    const results = await many((index) =>
      ended(
        index % 3 === 0 ? store.insertToken(token) : store.insertJob(newJob({ priority: index % 3 === 1 ? 0 : 2_000 })),
      ),
    );
    // One token of that hash; priorities beyond the range are refused by the store itself.
    expect(results.filter((ok, index) => ok && index % 3 === 0)).toHaveLength(1);
    expect(results.filter((ok, index) => ok && index % 3 === 1)).toHaveLength(Math.ceil((SIDE_BY_SIDE - 1) / 3));
    expect(results.filter((ok, index) => ok && index % 3 === 2)).toHaveLength(0);
    expect((await store.listJobs({ order: 'newest', limit: 500 })).items).toHaveLength(
      Math.ceil((SIDE_BY_SIDE - 1) / 3),
    );
    expect(await store.listTokens()).toHaveLength(1);
  });
}
