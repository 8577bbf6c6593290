import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { fail } from '../model/errors.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { nextTime } from '../model/next-time.ts';
import type { Principal } from '../model/principal.ts';
import type { Schedule, SchedulePlan, Timing } from '../model/schedule.ts';
import { hideSealed, keepHidden } from '../model/sealed.ts';
import type { Store } from '../store.ts';
import type { Audit } from './audit.ts';
import { createFirings, type FiringParts, type Firings } from './firings.ts';
import type { JobParts } from './job-parts.ts';
import { merge } from './series.ts';

/** Schedules: submit jobs by the clock, in the name of their owner. */
export interface Schedules extends Firings {
  /** Oldest first: one's own, all for those who see all jobs. */
  list(principal: Principal): Promise<Schedule[]>;
  /** Throws `not-found` also for those of others. */
  get(principal: Principal, id: string): Promise<Schedule>;
  /**
   * Checks right, path, queue and input as a submit does. Throws `invalid-input` for one that would never be due, and with
   * `uniqueName` `exists` where another, maybe hidden, has its name in its category.
   */
  create(principal: Principal, plan: SchedulePlan, input: Json, options?: SaveOptions): Promise<Schedule>;
  /**
   * By its owner or an operator; it stays its owner's, keeps `dialect`, and `notes` where there are no new ones. Its
   * failures are forgotten when it is enabled again, its secrets when it gets another workflow.
   */
  replace(
    principal: Principal,
    id: string,
    plan: SchedulePlan,
    input?: InputChange,
    options?: SaveOptions,
  ): Promise<Schedule>;
  /** Changes nothing else, and looks at nothing else: also where its workflow is gone. Throws `invalid-input` as `create`. */
  enable(principal: Principal, id: string, enabled: boolean): Promise<Schedule>;
  /** Starts its job now, in the name of its owner, and answers its id; also of one that is disabled or over. */
  trigger(principal: Principal, id: string): Promise<number>;
  remove(principal: Principal, id: string): Promise<void>;
  /** What its jobs are given, with `hidden` in place of every secret. */
  input(schedule: Schedule, hidden: Json): Promise<Json>;
  /** Called when one may be due at another time than before. */
  watch(listener: () => void): () => void;
}

interface SaveOptions {
  /** True: no other may have its name in its category. */
  uniqueName: boolean;
  /** Times since this moment count, in milliseconds since 1970: that of the request, where it starts at once. Default now. */
  since?: number;
}

/** The whole input, in which `hidden` stands for secrets that stay; or what is new in it. */
export type InputChange = { whole: Json; hidden: Json } | { set: JsonObject; unset: readonly string[] };

type Parts = FiringParts &
  Pick<JobParts, 'access' | 'workflows' | 'queues' | 'sealer'> & {
    store: Store;
    audit: Audit;
  };

export type { ScheduleSettings } from './firings.ts';

/** Of one user: far beyond what a person looks after. */
const MOST_SCHEDULES = 1_000;

export function createSchedules(parts: Parts): Schedules {
  const { store, access, workflows, queues, payloads, sealer, audit, clock } = parts;
  const firings = createFirings(parts);
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const get = async (principal: Principal, id: string): Promise<Schedule> => {
    const schedule = await store.findSchedule(id);
    if (schedule && access.maySeeJob(principal, schedule)) return schedule;
    throw fail('not-found', `There is no schedule ${id}, or you may not see it.`);
  };

  const change = async (principal: Principal, id: string): Promise<Schedule> => {
    access.requireScope(principal, 'jobs:run');
    const schedule = await get(principal, id);
    if (access.mayChangeJob(principal, schedule)) return schedule;
    throw fail('forbidden', `Schedule ${id} belongs to ${schedule.owner}; changing it needs the role operator.`);
  };

  /** The plan with the path as the repository spells it, and the input as it is kept; its defaults are left to each job. */
  const checked = async (principal: Principal, plan: SchedulePlan, input: Json) => {
    access.requireScope(principal, 'jobs:run');
    if (plan.queue !== undefined) queues.require(plan.queue);
    const { path, current } = workflows.find(principal, 'run', plan.workflow);
    workflows.checkInput(current, input);
    const sealed = sealer.seal(input, workflows.secretNames(current));
    return { plan: { ...plan, workflow: path }, input: await payloads.store(sealed) };
  };

  /** When a plan is due first, from now on. */
  const firstTime = ({ timing }: SchedulePlan, since = clock()): number => {
    const at = nextTime(timing, since - 1);
    if (at !== undefined) return at;
    const why = whyNever(timing);
    throw fail('invalid-input', {
      detail: `The schedule would never be due. ${why}`,
      errors: [{ pointer: '', message: why }],
    });
  };

  const inputAfter = async (before: Schedule, workflow: string, asked: InputChange | undefined): Promise<Json> => {
    const kept = await payloads.read(before.input);
    // Another workflow may not hold for secret what this one does, and would give it away.
    const value = workflow === before.workflow ? sealer.open(kept).value : hideSealed(kept, null);
    if (asked === undefined) return value;
    if ('set' in asked) return merge(value, asked.set, asked.unset);
    return keepHidden(asked.whole, { open: value, shown: hideSealed(kept, asked.hidden) }, asked.hidden);
  };

  const replaceOnce = async (
    principal: Principal,
    id: string,
    asked: SchedulePlan,
    input: InputChange | undefined,
    options: SaveOptions | undefined,
  ): Promise<Schedule | undefined> => {
    const before = await change(principal, id);
    const { path } = workflows.find(principal, 'run', asked.workflow);
    const { plan, input: next } = await checked(principal, asked, await inputAfter(before, path, input));
    const goesOn = before.enabled && sameTiming(before, plan);
    const nextAt = goesOn || !plan.enabled ? nextOf(before, plan) : firstTime(plan, options?.since);
    const { lastRunAt, lastJob } = before;
    const notes = plan.notes ?? before.notes;
    const schedule: Schedule = {
      ...plan,
      ...(notes === undefined ? {} : { notes }),
      dialect: before.dialect,
      id,
      owner: before.owner,
      input: next,
      createdAt: before.createdAt,
      // Tells versions apart, so no two have the same.
      updatedAt: Math.max(clock(), before.updatedAt + 1),
      failures: plan.enabled && !before.enabled ? 0 : before.failures,
      ...(nextAt === undefined ? {} : { nextAt }),
      ...(lastRunAt === undefined ? {} : { lastRunAt }),
      ...(lastJob === undefined ? {} : { lastJob }),
    };
    return (await store.saveSchedule(schedule, before, options)) ? schedule : undefined;
  };

  const enableOnce = async (principal: Principal, id: string, enabled: boolean): Promise<Schedule | undefined> => {
    const before = await change(principal, id);
    if (before.enabled === enabled) return before;
    const schedule: Schedule = { ...before, enabled, updatedAt: Math.max(clock(), before.updatedAt + 1) };
    if (enabled) {
      schedule.failures = 0;
      schedule.nextAt = firstTime(before);
    }
    return (await store.saveSchedule(schedule, before)) ? schedule : undefined;
  };

  /** Does again what a schedule that was fired or changed at this very moment has made void. */
  const untilDone = async <T>(once: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const done = await once();
      if (done !== undefined) return done;
    }
  };

  const nextOf = (before: Schedule, plan: SchedulePlan): number | undefined =>
    sameTiming(before, plan) ? before.nextAt : nextTime(plan.timing, clock() - 1);

  return {
    ...firings,
    list: (principal) => store.listSchedules(access.seesAllJobs(principal) ? undefined : principal.name),
    get,
    async create(principal, asked, input, options) {
      const { plan, input: kept } = await checked(principal, asked, input);
      const nextAt = firstTime(plan, options?.since);
      if ((await store.listSchedules(principal.name)).length >= MOST_SCHEDULES) {
        throw fail('conflict', `${principal.name} has ${MOST_SCHEDULES} schedules; no more are accepted of one user.`);
      }
      const at = clock();
      const about = { id: randomUUID(), owner: principal.name, createdAt: at, updatedAt: at, failures: 0 };
      const schedule: Schedule = { ...plan, ...about, input: kept, nextAt };
      await store.saveSchedule(schedule, undefined, options);
      await audit(principal, 'schedule.create', schedule.id, plan.workflow);
      tell();
      return schedule;
    },
    async replace(principal, id, plan, input, options) {
      const schedule = await untilDone(() => replaceOnce(principal, id, plan, input, options));
      await audit(principal, 'schedule.update', id, schedule.workflow);
      tell();
      return schedule;
    },
    async enable(principal, id, enabled) {
      const schedule = await untilDone(() => enableOnce(principal, id, enabled));
      await audit(principal, 'schedule.update', id, schedule.workflow);
      tell();
      return schedule;
    },
    async trigger(principal, id) {
      const job = await untilDone(async () => firings.fireNow(await change(principal, id)));
      await audit(principal, 'schedule.trigger', id, String(job));
      tell();
      return job;
    },
    async remove(principal, id) {
      const { workflow } = await change(principal, id);
      await store.deleteSchedule(id);
      await audit(principal, 'schedule.delete', id, workflow);
      tell();
    },
    input: async (schedule, hidden) => hideSealed(await payloads.read(schedule.input), hidden),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function whyNever({ startAt, every, cron, filter, endAt }: Timing): string {
  const until = endAt === undefined ? '' : ` until it ends at ${new Date(endAt).toISOString()}`;
  if (cron !== undefined) return `The cron expression "${cron}" has no time from now on${until}.`;
  if (every !== undefined) {
    return filter === undefined
      ? `The repetition has no time from now on${until}.`
      : `No time of the repetition passes the filter${until}.`;
  }
  const start = `It starts at ${new Date(startAt).toISOString()}, which is over or left out by the filter`;
  return `${start}${endAt === undefined ? '' : ' or by the end'}, and there is no repetition.`;
}

const sameTiming = (one: SchedulePlan, other: SchedulePlan): boolean => isDeepStrictEqual(one.timing, other.timing);
