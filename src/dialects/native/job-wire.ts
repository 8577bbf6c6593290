import type { z } from 'zod';
import { toIso } from '../../http/query.ts';
import type { Job, JobLimits, Publication, RetryPolicy } from '../../model/job.ts';
import type {
  JobLimits as LimitsWire,
  Publication as PublicationWire,
  RetryPolicy as RetryWire,
} from './job-schemas.ts';

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** A job as this API shows it. Members come in one order; those without a value are not in its JSON. */
export const jobWire = (job: Job, base: string): Record<string, unknown> => ({
  id: job.id,
  uuid: job.uuid,
  state: job.state,
  workflow: job.workflow,
  version: job.version,
  owner: job.owner,
  queue: job.queue,
  priority: job.priority,
  businessKey: job.businessKey,
  labels: job.labels,
  dialect: job.dialect,
  attempt: job.attempt,
  createdAt: toIso(job.createdAt),
  runAt: isoOf(job.runAt),
  startedAt: isoOf(job.startedAt),
  finishedAt: isoOf(job.finishedAt),
  limits: limitsWire(job.limits),
  retry: job.retry && retryWire(job.retry),
  publish: job.publish,
  onInterrupted: job.onInterrupted,
  parent: job.parent,
  retryOf: job.retryOf,
  cancel:
    job.cancelRequestedAt === undefined && job.cancelReason === undefined
      ? undefined
      : { requestedAt: isoOf(job.cancelRequestedAt), reason: job.cancelReason },
  error: job.error,
  links: links(job.id, base),
});

const isoOf = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : toIso(ms));

/** The few links a client needs next. */
export function links(id: number, base: string): Record<string, string> {
  const self = `${base}/jobs/${id}`;
  return { self, result: `${self}/result`, log: `${self}/log`, events: `${self}/events` };
}

/** Undefined when nothing is limited. */
export function limitsWire(limits: JobLimits): Record<string, number | string> | undefined {
  const { queueMs, runMs, totalMs, sinceStartMs, onLimit } = limits;
  if (Object.keys(limits).length === 0) return undefined;
  return {
    ...(queueMs === undefined ? {} : { queueSeconds: queueMs / 1000 }),
    ...(runMs === undefined ? {} : { runSeconds: runMs / 1000 }),
    ...(totalMs === undefined ? {} : { totalSeconds: totalMs / 1000 }),
    ...(sinceStartMs === undefined ? {} : { sinceStartSeconds: sinceStartMs / 1000 }),
    ...(onLimit === undefined ? {} : { onLimit }),
  };
}

export const retryWire = (retry: RetryPolicy) => ({
  count: retry.count,
  delaySeconds: seconds(retry.delayMs),
  backoff: retry.backoff,
  maxDelaySeconds: seconds(retry.maxDelayMs),
  jitter: retry.jitter,
});

/** Limits as the engine takes them. */
export function readLimits(wire: z.output<typeof LimitsWire>): JobLimits {
  const { queueSeconds, runSeconds, totalSeconds, sinceStartSeconds, onLimit } = wire;
  return {
    ...(queueSeconds === undefined ? {} : { queueMs: queueSeconds * 1000 }),
    ...(runSeconds === undefined ? {} : { runMs: runSeconds * 1000 }),
    ...(totalSeconds === undefined ? {} : { totalMs: totalSeconds * 1000 }),
    ...(sinceStartSeconds === undefined ? {} : { sinceStartMs: sinceStartSeconds * 1000 }),
    ...(onLimit === undefined ? {} : { onLimit }),
  };
}

/** Topics as the engine takes them. */
export function readPublication(wire: z.output<typeof PublicationWire>): Publication {
  const { completed = [], failed = [], cancelled = [], attributes = {} } = wire;
  return { completed, failed, cancelled, attributes };
}

/** A retry policy as the engine takes it, with our defaults. */
export const readRetry = (wire: z.output<typeof RetryWire>): RetryPolicy => ({
  count: wire.count,
  delayMs: (wire.delaySeconds ?? 1) * 1000,
  backoff: wire.backoff ?? 'exponential',
  maxDelayMs: (wire.maxDelaySeconds ?? 300) * 1000,
  jitter: wire.jitter ?? 0.2,
});
