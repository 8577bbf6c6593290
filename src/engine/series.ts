import { fail } from '../model/errors.ts';
import { isFinal, type Job, type NewFile, type NewJob } from '../model/job.ts';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import type { Principal } from '../model/principal.ts';
import type { InsertOptions, JobRef, LoadedChange } from '../store.ts';
import type { JobParts } from './job-parts.ts';
import type { SubmitRequest } from './submit-request.ts';

/**
 * What the next run of a job is to be. A loaded job takes the change itself; a final one is followed by a new job of its
 * series, with the input and files of the last and this change. Throws `conflict` while one is under way.
 */
export interface SeriesChange {
  /** Members of the input that are new; its other members stay as they are. */
  set?: JsonObject;
  /** Members that are taken away, so that their defaults hold. */
  unset?: readonly string[];
  /** Files that came with it; one of the same name is replaced. */
  files?: readonly NewFile[];
  /** Names of input files that are not needed any more. */
  dropFiles?: readonly string[];
  /** False: it is loaded, and its input may be incomplete. */
  start: boolean;
  idempotency?: SubmitRequest['idempotency'];
}

interface SeriesParts extends JobParts {
  insert(job: NewJob, options?: InsertOptions): Promise<{ job: Job; replayed: boolean }>;
}

/** Jobs that are run again and again under the id of the first. */
export function createSeries(parts: SeriesParts) {
  const { store, access, workflows, payloads, sealer, intake, clock, insert } = parts;

  const latest = async (principal: Principal, ref: JobRef): Promise<Job> => {
    const job = await store.findLatestJob(ref);
    if (!job || !access.maySeeJob(principal, job))
      throw fail('not-found', `There is no job ${ref}, or you may not see it.`);
    return job;
  };

  const changeable = async (principal: Principal, ref: JobRef): Promise<Job> => {
    access.requireScope(principal, 'jobs:run');
    const job = await latest(principal, ref);
    if (!access.mayChangeJob(principal, job))
      throw fail('forbidden', `Job ${ref} belongs to ${job.owner}; changing it needs the role operator.`);
    return job;
  };

  const inputFiles = async (job: number): Promise<NewFile[]> => {
    const files = await store.listFiles(job);
    return files.filter(({ direction }) => direction === 'in').map(({ createdAt: _createdAt, ...file }) => file);
  };

  const filesOf = async (job: Job, { files = [], dropFiles = [] }: Partial<SeriesChange>): Promise<NewFile[]> => {
    const gone = new Set([...dropFiles, ...files.map(({ name }) => name)]);
    return [...(await inputFiles(job.id)).filter(({ name }) => !gone.has(name)), ...files];
  };

  /** The input of the next run as it is stored: checked where it is to start, with its secrets sealed anew. */
  const inputOf = async (job: Job, { set = {}, unset = [], start }: SeriesChange): Promise<LoadedChange['input']> => {
    const version = await parts.version(job.version);
    const before = sealer.open(await payloads.read(job.input)).value;
    const merged = merge(before, set, unset);
    const input = start ? workflows.checkInput(version, merged) : merged;
    return payloads.store(sealer.seal(input, workflows.secretNames(version)));
  };

  const changed = async (job: Job, change: SeriesChange): Promise<LoadedChange> => {
    const { idempotency } = change;
    const next: LoadedChange = { input: await inputOf(job, change), files: await filesOf(job, change) };
    if (idempotency !== undefined) next.idempotency = idempotency;
    return next;
  };

  const follower = async (last: Job, change: SeriesChange): Promise<NewJob> => {
    const job: NewJob = {
      ...likeness(last, clock()),
      input: await inputOf(last, change),
      start: change.start,
      series: last.series ?? last.id,
      seriesCreatedAt: last.seriesCreatedAt ?? last.createdAt,
      files: await filesOf(last, change),
    };
    return job;
  };

  /** What runs in the name of another is on record. */
  const noteForeign = async (principal: Principal, action: string, { id, owner }: Job): Promise<void> => {
    if (owner !== principal.name) await parts.audit(principal, action, String(id), `of ${owner}`);
  };

  return {
    latest,
    noteForeign,
    changeable,
    inputFiles,
    startLoaded: async (job: Job): Promise<Job> => store.startJob(job.id, clock(), await changed(job, { start: true })),
    async again(principal: Principal, ref: JobRef, change: SeriesChange): Promise<Job> {
      const job = await changeable(principal, ref);
      access.requirePath(principal, 'run', job.workflow);
      intake.check();
      if (job.state === 'loaded') {
        const next = await changed(job, change);
        const done = await store[change.start ? 'startJob' : 'changeLoadedJob'](job.id, clock(), next);
        await noteForeign(principal, 'job.again', job);
        return done;
      }
      if (!isFinal(job.state) && change.idempotency === undefined) throw underWay(ref, job);
      const options = change.idempotency ? { idempotency: change.idempotency } : {};
      const next = await insert(await follower(job, change), options);
      await noteForeign(principal, 'job.again', job);
      return next.job;
    },
    async discard(principal: Principal, ref: JobRef): Promise<void> {
      const { id } = await changeable(principal, ref);
      await store.discardJob(id, clock(), { series: true });
    },
  };
}

/** What a job that is like another takes from it. It stays a job of the same owner, whoever asks for it. */
export function likeness(old: Job, createdAt: number): Omit<NewJob, 'input' | 'start' | 'files'> {
  const like: Omit<NewJob, 'input' | 'start' | 'files'> = {
    workflow: old.workflow,
    version: old.version,
    owner: old.owner,
    queue: old.queue,
    priority: old.priority,
    labels: old.labels,
    dialect: old.dialect,
    limits: old.limits,
    onInterrupted: old.onInterrupted,
    createdAt,
    retryOf: old.id,
  };
  if (old.businessKey !== undefined) like.businessKey = old.businessKey;
  if (old.origin !== undefined) like.origin = old.origin;
  if (old.publish !== undefined) like.publish = old.publish;
  if (old.retry !== undefined) like.retry = old.retry;
  return like;
}

const underWay = (ref: JobRef, { state }: Job) =>
  fail('conflict', `Job ${ref} is ${state}: its workflow is still in execution; run it again once it has ended.`);

/** An input with some members new and some taken away. */
export function merge(before: Json, set: JsonObject, unset: readonly string[]): Json {
  if (!isJsonObject(before)) return Object.keys(set).length === 0 && unset.length === 0 ? before : set;
  const gone = new Set(unset);
  const kept = Object.entries(before).filter(([name]) => !gone.has(name));
  return Object.fromEntries([...kept, ...Object.entries(set)]);
}
