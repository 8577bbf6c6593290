import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFinal, type Job, type JobState } from '../../src/model/job.ts';
import type { JobFilters, JobPageQuery } from '../../src/store.ts';
import { everyJob } from './invariants.ts';
import { completed, failed, me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function listSpecs(subject: Subject): void {
  /** Jobs in every state, with fields that vary. */
  const fill = async (count: number): Promise<void> => {
    const { store } = subject;
    const end = { at: T0 + 1, maxInterruptions: 3 };
    const { job: parent } = await store.insertJob(newJob({ queue: 'p' }), { claim: me });
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const { claim } = await store.insertJob(
          newJob({
            workflow: ['/A/one', '/A/two', '/AB/one', '/A/deep/er'][index % 4]!,
            owner: ['ada', 'eve', 'bob'][index % 3]!,
            queue: ['default', 'q'][index % 2]!,
            dialect: index % 7 === 0 ? 'kie' : 'native',
            // The clock goes back now and then.
            createdAt: T0 + index * 10 - (index % 11 === 0 ? 500 : 0),
            priority: index,
            labels: index % 5 === 0 ? { team: `t${index % 2}` } : {},
            ...(index % 6 === 0 ? { businessKey: `key ${index % 4}` } : {}),
            ...(index % 8 === 0 ? { parent: { job: parent.id, step: `s${index}` } } : {}),
            ...(index % 9 === 1 ? { start: false } : {}),
          }),
          index % 4 === 3 ? {} : { claim: me },
        );
        const outcomes = [completed(), failed(), { kind: 'cancelled' as const, reason: 'x' }, undefined];
        const outcome = outcomes[index % outcomes.length];
        if (claim && outcome) await store.finishRun(claim.fence, { outcome, ...end });
      }),
    );
  };

  const matches = (job: Job, query: JobFilters): boolean =>
    (!query.states || query.states.length === 0 || query.states.includes(job.state)) &&
    (query.workflow === undefined ||
      (query.workflow.endsWith('/') ? job.workflow.startsWith(query.workflow) : job.workflow === query.workflow)) &&
    (!query.shallow || !query.workflow?.endsWith('/') || !job.workflow.slice(query.workflow.length).includes('/')) &&
    (query.begun === undefined || isFinal(job.state) || (job.startedAt !== undefined) === query.begun) &&
    (query.server === undefined ||
      job.server === query.server ||
      job.server?.startsWith(`${query.server}:`) === true) &&
    (query.owner === undefined || job.owner === query.owner) &&
    (query.queue === undefined || job.queue === query.queue) &&
    (query.dialect === undefined || job.dialect === query.dialect) &&
    (query.businessKey === undefined || job.businessKey === query.businessKey) &&
    (query.parent === undefined || job.parent?.job === query.parent) &&
    (query.createdFrom === undefined || job.createdAt >= query.createdFrom) &&
    (query.createdTo === undefined || job.createdAt <= query.createdTo) &&
    (query.label === undefined ||
      (query.label.name in job.labels &&
        (query.label.value === undefined || job.labels[query.label.name] === query.label.value)));

  const states: JobState[] = ['loaded', 'queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'];
  const filters = (parent: number) =>
    fc.record(
      {
        states: fc.uniqueArray(fc.constantFrom(...states), { maxLength: 3 }),
        workflow: fc.constantFrom('/A/one', '/A/', '/', '/none', '/A/deep/'),
        shallow: fc.boolean(),
        begun: fc.boolean(),
        server: fc.constantFrom('server-1', 'server', 'nobody'),
        owner: fc.constantFrom('ada', 'eve', 'nobody'),
        queue: fc.constantFrom('default', 'q'),
        dialect: fc.constantFrom('kie', 'native'),
        businessKey: fc.constantFrom('key 0', 'key 2'),
        parent: fc.constantFrom(parent, 999),
        createdFrom: fc.integer({ min: T0 - 600, max: T0 + 1_300 }),
        createdTo: fc.integer({ min: T0 - 600, max: T0 + 1_300 }),
        label: fc.record(
          { name: fc.constantFrom('team', 'te'), value: fc.constantFrom('t0', 't1') },
          { requiredKeys: ['name'] },
        ),
      },
      { requiredKeys: [] },
    );

  it('gives exactly what matches, in order, whatever filters are joined', async () => {
    await fill(120);
    const all = await everyJob(subject.store);
    expect(all).toHaveLength(121);
    await fc.assert(
      fc.asyncProperty(
        filters(all[0]!.id),
        fc.constantFrom('newest' as const, 'oldest' as const),
        fc.integer({ min: 1, max: 50 }),
        async (filter, order, limit) => {
          const expected = all.filter((job) => matches(job, filter)).map((job) => job.id);
          if (order === 'newest') expected.reverse();
          const found = await everyJob(subject.store, { ...filter, order, limit });
          expect(found.map((job) => job.id)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('gives any page of any order by number, and counts what matches', async () => {
    await fill(120);
    const all = await everyJob(subject.store);
    const keys: Record<JobPageQuery['sort']['by'], (job: Job) => number | string> = {
      created: (job) => job.id,
      started: (job) => job.startedAt ?? -1,
      finished: (job) => job.finishedAt ?? -1,
      workflow: (job) => job.workflow,
      state: (job) => job.state,
    };
    const sort = fc.record({
      by: fc.constantFrom(...(Object.keys(keys) as (keyof typeof keys)[])),
      order: fc.constantFrom('ascending' as const, 'descending' as const),
    });
    const narrowed = fc.oneof(
      filters(all[0]!.id),
      fc.constantFrom<JobFilters>(
        { states: ['completed', 'failed', 'cancelled'] },
        { states: ['completed'] },
        { states: ['failed'] },
        {},
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        narrowed,
        sort,
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 0, max: 130 }),
        async (filter, sort, limit, offset) => {
          const key = keys[sort.by];
          const expected = all.filter((job) => matches(job, filter));
          expected.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
          if (sort.order === 'descending') expected.reverse();
          const page = await subject.store.pageJobs({ ...filter, sort, limit, offset });
          expect(page.total).toBe(expected.length);
          expect(page.items.map((job) => job.id)).toEqual(expected.slice(offset, offset + limit).map((job) => job.id));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('walks pages without gaps or repeats while jobs are inserted and finished', async () => {
    const { store } = subject;
    const before: number[] = [];
    for (let index = 0; index < 60; index++) before.push((await store.insertJob(newJob())).job.id);
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.listJobs({ order: 'newest', limit: 7, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((job) => job.id));
      cursor = page.next;
      await Promise.all([store.insertJob(newJob()), store.insertJob(newJob())]);
      const [claim] = await store.claimJobs({ ...me, max: 1, at: T0 });
      await store.finishRun(claim!.fence, { outcome: completed(), at: T0, maxInterruptions: 3 });
    } while (cursor);
    expect(seen).toEqual(before.toReversed());
  });

  it.each([
    '',
    'x',
    'bmV3ZXN0',
    Buffer.from('newest:-1').toString('base64url'),
    Buffer.from('oldest:5').toString('base64url'),
    Buffer.from('audit:5').toString('base64url'),
  ])('refuses the cursor %j, naming it', async (cursor) => {
    await subject.store.insertJob(newJob());
    await expect(subject.store.listJobs({ order: 'newest', limit: 5, cursor })).rejects.toMatchObject({
      code: 'invalid-input',
      options: { errors: [{ pointer: 'cursor', in: 'query' }] },
    });
  });

  it('reads its own writes', async () => {
    for (let index = 0; index < 50; index++) {
      const { job } = await subject.store.insertJob(newJob());
      expect((await subject.store.findJob(job.id))?.state).toBe('queued');
      expect((await subject.store.listJobs({ order: 'newest', limit: 1 })).items[0]?.id).toBe(job.id);
    }
  });
}
