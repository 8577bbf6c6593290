import { fail } from '../model/errors.ts';
import { HOPS_LABEL, MOST_HOPS, readHops } from '../model/hops.ts';
import type { Interest } from '../model/interest.ts';
import { isFinal, type Job, type NewJob } from '../model/job.ts';
import type { Json } from '../model/json.ts';
import type { Page } from '../model/page.ts';
import { inlinePayload, type Payload } from '../model/payload.ts';
import type { Principal } from '../model/principal.ts';
import { DEFAULT_QUEUE } from '../model/queue.ts';
import { hideSealed } from '../model/sealed.ts';
import type { WorkflowVersion } from '../model/workflow.ts';
import type { Explanation, InsertOptions, JobPageQuery, JobQuery, JobRef } from '../store.ts';
import { createExecutions, type Executed } from './executions.ts';
import { explainInWords } from './explain.ts';
import type { JobParts } from './job-parts.ts';
import { launch, mayBeginUnstored } from './launching.ts';
import type { OpenPayload } from './payloads.ts';
import { createSeries, likeness, type SeriesChange } from './series.ts';
import type { SubmitRequest } from './submit-request.ts';

export interface Jobs {
  /** Everything that can be wrong with a submit, found before anything is written; answers the job that would be stored. */
  prepare(principal: Principal, request: SubmitRequest): Promise<NewJob>;
  /** Checks right, path and input, then stores the job: once this settles it is on disk. */
  submit(principal: Principal, request: SubmitRequest): Promise<{ job: Job; replayed: boolean }>;
  /** Runs in one call and keeps nothing; when `waitMs` passes first it has become an ordinary job. */
  execute(principal: Principal, request: SubmitRequest, waitMs: number, interest?: Interest): Promise<Executed>;
  /** Starts a job for a step of another, in the name of its owner. */
  submitChild(
    parent: Job,
    step: string,
    child: { workflow: string; input: Json; labels?: Record<string, string> },
  ): Promise<Job>;
  cancelChild(parent: Job, child: number, reason: string): Promise<void>;
  /** Throws `not-found` also for jobs of others. */
  get(principal: Principal, ref: JobRef): Promise<Job>;
  list(principal: Principal, query: JobQuery): Promise<Page<Job>>;
  /** By number instead of by cursor, in any order, and with a count. */
  page(principal: Principal, query: JobPageQuery): Promise<{ items: Job[]; total: number }>;
  /** What a job was given, with `hidden` in place of every secret. */
  input(principal: Principal, ref: JobRef, hidden: Json): Promise<Json>;
  start(principal: Principal, ref: JobRef): Promise<Job>;
  /**
   * The job as it is then: `cancelled`, or still `running` with `cancelRequestedAt` set. With `discard`, a running one is
   * discarded once it has ended.
   */
  cancel(principal: Principal, ref: JobRef, options?: { reason?: string; discard?: boolean }): Promise<Job>;
  /** A new job like a final one, of the same owner; with `keepSteps` its finished steps are taken over. */
  retry(
    principal: Principal,
    ref: JobRef,
    options: { keepSteps: boolean; idempotency?: SubmitRequest['idempotency'] },
  ): Promise<Job>;
  discard(principal: Principal, ref: JobRef): Promise<void>;
  /** The last job of the series that `ref` began or belongs to; the job itself where it was never run again. */
  latest(principal: Principal, ref: JobRef): Promise<Job>;
  /** The same, for one who may change it; throws `forbidden`. */
  latestToChange(principal: Principal, ref: JobRef): Promise<Job>;
  /**
   * Runs the last job of a series again, in the name of its owner, or gives it what it is to run with next; see
   * `SeriesChange`.
   */
  again(principal: Principal, ref: JobRef, change: SeriesChange): Promise<Job>;
  /** Discards all jobs of a series; one that is being cancelled with `discard` goes at its end, any other must have ended. */
  discardSeries(principal: Principal, ref: JobRef): Promise<void>;
  /** The UUID that belongs to an id, whether or not there is such a job. */
  uuid(id: number): string;
  /** The definition a job keeps. */
  definition(job: Pick<Job, 'version'>): Promise<WorkflowVersion>;
  explain(principal: Principal, ref: JobRef): Promise<Explained>;
  openPayload(payload: Payload): Promise<OpenPayload>;
  readPayload(payload: Payload): Promise<Json>;
}

export interface Explained extends Explanation {
  /** Milliseconds until it begins or ends, as far as can be guessed. */
  estimateMs?: number;
  /** The whole in a sentence or two. */
  text: string;
}

/** Stands in a job until its input is stored. */
const NOT_STORED: Payload = { json: 'null' };

/** Sub-workflows may start sub-workflows this deep. */
const MAX_DEPTH = 16;

export function createJobs(parts: JobParts): Jobs {
  const { store, access, workflows, queues, payloads, intake, slots, sealer, clock } = parts;
  const claim = { owner: parts.owner, leaseMs: parts.leaseMs };

  /**
   * Everything that can be wrong with a request is found here, before anything is written. Without a promise where the
   * input is short: that is nearly every request, and each promise on their way costs as much as looking up the workflow.
   */
  const prepare = (
    principal: Principal,
    request: SubmitRequest,
    start = request.start ?? true,
  ): NewJob | Promise<NewJob> => {
    intake.check();
    if (request.draft && start) throw fail('invariant', 'A draft is not started.');
    if (request.hops !== undefined && request.hops > MOST_HOPS) {
      throw fail('limit-exceeded', {
        detail: `Workflows call each other ${MOST_HOPS} deep here; is one calling itself?`,
        status: 400,
      });
    }
    const workflow = workflows.find(principal, 'run', request.workflow);
    const { current } = workflow;
    const { info } = current;
    const queue = request.queue ?? info.queue ?? DEFAULT_QUEUE;
    const checked = request.draft ? request.input : workflows.checkInput(current, request.input);
    const asItCame = checked === request.input ? request.inputText : undefined;
    const input = sealer.seal(checked, workflows.secretNames(current), asItCame);
    queues.require(queue);
    const retry = request.retry ?? info.retry;
    const short = inlinePayload(input);
    const job: NewJob = {
      workflow: workflow.path,
      version: current.hash,
      input: short ?? NOT_STORED,
      owner: principal.name,
      queue,
      priority: request.priority ?? 0,
      labels: labelsOf(request),
      dialect: request.dialect,
      limits: request.limits === undefined ? info.limits : { ...info.limits, ...request.limits },
      onInterrupted: info.onInterrupted,
      createdAt: clock(),
      start,
      files: request.files ?? [],
    };
    if (request.businessKey !== undefined) job.businessKey = request.businessKey;
    if (retry !== undefined) job.retry = retry;
    if (request.origin !== undefined) job.origin = request.origin;
    if (request.publish !== undefined) job.publish = request.publish;
    if (request.runAt !== undefined) job.runAt = request.runAt;
    if (request.discard) job.discard = true;
    return short === undefined ? payloads.store(input).then((stored) => ({ ...job, input: stored })) : job;
  };

  const insert = async (job: NewJob, options: InsertOptions = {}): Promise<{ job: Job; replayed: boolean }> => {
    const seated = job.start && (job.runAt === undefined || job.runAt <= job.createdAt) && slots.reserve();
    let used = false;
    try {
      const inserted = await store.insertJob(job, seated ? { ...options, claim } : options);
      if (seated && inserted.claim) {
        used = true;
        slots.dispatch(inserted.claim);
      }
      return { job: inserted.job, replayed: inserted.replayed };
    } finally {
      if (seated && !used) slots.release();
    }
  };

  const find = async (principal: Principal, ref: JobRef): Promise<Job> => {
    const job = await store.findJob(ref);
    if (!job || !access.maySeeJob(principal, job))
      throw fail('not-found', `There is no job ${ref}, or you may not see it.`);
    return job;
  };

  const change = async (principal: Principal, ref: JobRef): Promise<Job> => {
    access.requireScope(principal, 'jobs:run');
    const job = await find(principal, ref);
    if (!access.mayChangeJob(principal, job))
      throw fail('forbidden', `Job ${ref} belongs to ${job.owner}; changing it needs the role operator.`);
    return job;
  };

  const executions = createExecutions({ ...parts, prepare, insert });
  const series = createSeries({ ...parts, insert });

  const depthOf = async (job: Job): Promise<number> => {
    let depth = 1;
    for (let at: Job | undefined = job; at?.parent; depth++) at = await store.findJob(at.parent.job);
    return depth;
  };

  return {
    prepare: async (principal, request) => prepare(principal, request),
    async submit(principal, request) {
      const made = prepare(principal, request);
      const job = made instanceof Promise ? await made : made;
      if (mayBeginUnstored(job, request, queues) && slots.reserveInTurn()) {
        return { job: await launch(parts, job), replayed: false };
      }
      return await insert(job, request.idempotency ? { idempotency: request.idempotency } : {});
    },
    execute: executions.execute,
    async submitChild(parent, step, child) {
      if ((await depthOf(parent)) >= MAX_DEPTH) {
        throw fail(
          'limit-exceeded',
          `Workflows may start workflows ${MAX_DEPTH} deep; ${child.workflow} would be deeper.`,
        );
      }
      const principal = await parts.principalOf(parent.owner);
      const job = await prepare(principal, {
        workflow: child.workflow,
        input: child.input,
        dialect: parent.dialect,
        labels: child.labels ?? {},
        hops: readHops(parent.labels[HOPS_LABEL]),
        queue: parent.queue,
        priority: parent.priority,
      });
      const { job: made } = await insert({ ...job, parent: { job: parent.id, step } });
      return made;
    },
    async cancelChild(parent, child, reason) {
      const job = await store.findJob(child);
      if (job?.parent?.job !== parent.id || isFinal(job.state)) return;
      await store.cancelJob(child, { reason, at: clock() });
    },
    get: find,
    list: (principal, query) =>
      access.seesAllJobs(principal)
        ? store.listJobs(query)
        : query.owner !== undefined && query.owner !== principal.name
          ? Promise.resolve({ items: [] })
          : store.listJobs({ ...query, owner: principal.name }),
    page: async (principal, query) => {
      if (access.seesAllJobs(principal)) return store.pageJobs(query);
      const foreign = query.owner !== undefined && query.owner !== principal.name;
      return foreign ? { items: [], total: 0 } : store.pageJobs({ ...query, owner: principal.name });
    },
    input: async (principal, ref, hidden) =>
      hideSealed(await payloads.read((await find(principal, ref)).input), hidden),
    async start(principal, ref) {
      const job = await change(principal, ref);
      intake.check();
      // A loaded job may be a draft; whatever else it is, it is not started.
      return job.state === 'loaded' ? series.startLoaded(job) : store.startJob(job.id, clock());
    },
    latest: series.latest,
    latestToChange: series.changeable,
    again: series.again,
    discardSeries: series.discard,
    uuid: store.jobUuid,
    definition: ({ version }) => parts.version(version),
    async cancel(principal, ref, { reason = `Cancelled by ${principal.name}.`, discard = false } = {}) {
      const { id } = await change(principal, ref);
      const { job } = await store.cancelJob(id, { reason, discard, at: clock() });
      return job;
    },
    async retry(principal, ref, { keepSteps, idempotency }) {
      const old = await change(principal, ref);
      if (!isFinal(old.state))
        throw fail(
          'conflict',
          `Job ${old.id} is ${old.state}; only a completed, failed or cancelled job can be retried.`,
        );
      access.requirePath(principal, 'run', old.workflow);
      intake.check();
      const again: NewJob = {
        ...likeness(old, clock()),
        input: old.input,
        start: true,
        files: await series.inputFiles(old.id),
      };
      const options = { ...(idempotency ? { idempotency } : {}), ...(keepSteps ? { keepSteps } : {}) };
      const { job } = await insert(again, options);
      await series.noteForeign(principal, 'job.retry', old);
      return job;
    },
    async discard(principal, ref) {
      const { id } = await change(principal, ref);
      await store.discardJob(id, clock());
    },
    async explain(principal, ref) {
      await find(principal, ref);
      const explanation = await store.explainJob(ref, clock());
      if (!explanation) throw fail('not-found', `There is no job ${ref}, or you may not see it.`);
      return { ...explanation, ...explainInWords(explanation, slots.counts(), clock()) };
    },
    openPayload: payloads.open,
    readPayload: payloads.read,
  };
}

/** Labels of a new job; the count of calls that led to it goes with it, so that its own calls count on. */
const labelsOf = ({ labels = {}, hops = 0 }: SubmitRequest): Record<string, string> =>
  hops > 0 ? { ...labels, [HOPS_LABEL]: String(hops) } : labels;
