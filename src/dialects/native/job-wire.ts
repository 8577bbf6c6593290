import type { z } from 'zod';
import { toIso } from '../../http/query.ts';
import type { Job, JobLimits, RetryPolicy } from '../../model/job.ts';
import type { JobLimits as LimitsWire, RetryPolicy as RetryWire } from './job-schemas.ts';

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** A job as this API shows it. Members come in one order and absent ones are left out. */
export function jobWire(job: Job, base: string): Record<string, unknown> {
  const wire: Record<string, unknown> = {
    id: job.id,
    uuid: job.uuid,
    state: job.state,
    workflow: job.workflow,
    version: job.version,
    owner: job.owner,
    queue: job.queue,
    priority: job.priority,
  };
  if (job.businessKey !== undefined) wire['businessKey'] = job.businessKey;
  wire['labels'] = job.labels;
  wire['dialect'] = job.dialect;
  wire['attempt'] = job.attempt;
  wire['createdAt'] = toIso(job.createdAt);
  if (job.runAt !== undefined) wire['runAt'] = toIso(job.runAt);
  if (job.startedAt !== undefined) wire['startedAt'] = toIso(job.startedAt);
  if (job.finishedAt !== undefined) wire['finishedAt'] = toIso(job.finishedAt);
  const limits = limitsWire(job.limits);
  if (limits !== undefined) wire['limits'] = limits;
  if (job.retry !== undefined) wire['retry'] = retryWire(job.retry);
  wire['onInterrupted'] = job.onInterrupted;
  if (job.parent !== undefined) wire['parent'] = job.parent;
  if (job.retryOf !== undefined) wire['retryOf'] = job.retryOf;
  if (job.cancelRequestedAt !== undefined || job.cancelReason !== undefined) {
    wire['cancel'] = {
      ...(job.cancelRequestedAt === undefined ? {} : { requestedAt: toIso(job.cancelRequestedAt) }),
      ...(job.cancelReason === undefined ? {} : { reason: job.cancelReason }),
    };
  }
  if (job.error !== undefined) wire['error'] = job.error;
  wire['links'] = links(job.id, base);
  return wire;
}

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

/** A retry policy as the engine takes it, with our defaults. */
export const readRetry = (wire: z.output<typeof RetryWire>): RetryPolicy => ({
  count: wire.count,
  delayMs: (wire.delaySeconds ?? 1) * 1000,
  backoff: wire.backoff ?? 'exponential',
  maxDelayMs: (wire.maxDelaySeconds ?? 300) * 1000,
  jitter: wire.jitter ?? 0.2,
});
