import { expect } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import type { JobEvent } from '../../src/model/event.ts';
import { allowedMoves, type FinalState, isFinal, type Job, type JobState } from '../../src/model/job.ts';
import type { JobQuery, Store } from '../../src/store.ts';

/** Every job of a store, page by page. */
export async function everyJob(store: Store, query: Partial<JobQuery> = {}): Promise<Job[]> {
  const jobs: Job[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listJobs({ order: 'oldest', limit: 200, ...query, ...(cursor ? { cursor } : {}) });
    jobs.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return jobs;
}

/** Every event of a store, page by page. */
export async function everyEvent(store: Store): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listEvents({ order: 'oldest', limit: 200, ...(cursor ? { cursor } : {}) });
    events.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return events;
}

/** Keeps every change a store announces, and holds each move against the table. */
export function recordHistory(store: Store): { changes: Change[]; stop(): void } {
  const changes: Change[] = [];
  const stop = store.watch((batch) => void changes.push(...batch));
  return { changes, stop };
}

/**
 * What must be true of a store at any moment: states agree with times, results and waits; each claim has ended in one run
 * row; attempts have no gaps; each end was published to its topics, once; announced moves are allowed ones, with one final event a job. With `answered`, every id a
 * client was given is there.
 */
export async function checkInvariants(
  store: Store,
  history: { changes?: readonly Change[]; answered?: readonly { id: number; uuid: string }[] } = {},
): Promise<void> {
  const jobs = await everyJob(store);
  for (const job of jobs) await checkJob(store, job);
  const published = new Map<number, string[]>();
  for (const { job, state, topic } of await everyEvent(store)) {
    published.set(job, [...(published.get(job) ?? []), `${state} ${topic}`]);
  }
  for (const { id, state, publish } of jobs) {
    const topics = isFinal(state) ? (publish?.[state as FinalState] ?? []) : [];
    const expected = topics.map((topic) => `${state} ${topic}`);
    expect(published.get(id) ?? [], `job ${id} (${state}): what it published`).toEqual(expected);
  }
  for (const { id, uuid } of history.answered ?? []) {
    expect((await store.findJob(id))?.uuid, `job ${id} is there`).toBe(uuid);
  }
  checkMoves(history.changes ?? []);
}

async function checkJob(store: Store, job: Job): Promise<void> {
  const name = `job ${job.id} (${job.state})`;
  const final = isFinal(job.state);
  expect(job.finishedAt !== undefined, `${name}: final and finishedAt`).toBe(final);
  expect(job.output !== undefined, `${name}: completed and output`).toBe(job.state === 'completed');
  expect(job.error !== undefined, `${name}: failed and error`).toBe(job.state === 'failed');
  expect(job.lease !== undefined, `${name}: running and lease`).toBe(job.state === 'running');
  expect((await store.findJob(job.uuid))?.id, `${name}: found by its UUID`).toBe(job.id);

  const runs = await store.listRuns(job.id);
  expect(runs.length, `${name}: one run row for each ended claim`).toBe(job.token - (job.state === 'running' ? 1 : 0));
  expect(
    runs.map((run) => run.token),
    `${name}: fencing tokens`,
  ).toEqual(runs.map((_, index) => index + 1));
  let attempt = 0;
  for (const run of runs) {
    expect(run.attempt - attempt, `${name}: attempts without gaps`).toBeLessThanOrEqual(1);
    expect(run.attempt, `${name}: attempts go up`).toBeGreaterThanOrEqual(Math.max(1, attempt));
    attempt = run.attempt;
  }
  expect(job.attempt, `${name}: last attempt`).toBeGreaterThanOrEqual(attempt);
  const ended = runs.filter((run) => run.outcome === 'completed');
  expect(ended.length, `${name}: completed once`).toBe(job.state === 'completed' ? 1 : 0);

  const waits = await store.listWaits(job.id);
  if (final) expect(waits, `${name}: waits for nothing`).toEqual([]);
  if (job.state === 'waiting') expect(waits.length, `${name}: waits for something`).toBeGreaterThan(0);
  const steps = await store.listSteps(job.id);
  expect(new Set(steps.map((entry) => entry.key)).size, `${name}: journal keys are unique`).toBe(steps.length);
}

function checkMoves(changes: readonly Change[]): void {
  const seen = new Map<number, JobState>();
  for (const change of changes) {
    if (change.kind !== 'job') continue;
    const before = seen.get(change.job);
    // A job that stays queued is announced again when it becomes due.
    const moved = before !== undefined && before !== change.state;
    if (moved) expect(allowedMoves[before], `job ${change.job} left ${before}`).toContain(change.state);
    else if (before) expect(isFinal(before), `job ${change.job} ended twice`).toBe(false);
    seen.set(change.job, change.state);
  }
}
