import { toIso } from '../../http/query.ts';
import { isFinal, type Job } from '../../model/job.ts';
import { SCHEDULE_LABEL } from '../../model/schedule.ts';
import { choices } from './choices.ts';
import { engineHost, engineName } from './engines.ts';
import { statusMessage, statusOf } from './job-status.ts';
import { nameOf } from './names.ts';
import { queueWire } from './queue-names.ts';
import { userId } from './user-ids.ts';

/** Null, never an empty text: strict clients stop at that. */
export const timeWire = (ms: number | undefined): string | null => (ms === undefined ? null : toIso(ms));

/** What a log tells of its job in numbers. */
export interface LogNumbers {
  lines: number;
  warnings: number;
  errors: number;
}

/**
 * A job as lists and `GET /jobs/{id}` show it, with the address of its result where it has one. Processor time and memory
 * are not measured for single jobs here.
 */
export function jobWire(job: Job, log: LogNumbers | undefined, downloadUrl = '') {
  const { repository, workspace } = nameOf(job.workflow);
  const final = isFinal(job.state);
  const elapsed = final && job.startedAt !== undefined ? (job.finishedAt ?? job.startedAt) - job.startedAt : 0;
  return {
    id: job.id,
    description: job.origin?.description ?? '',
    repository,
    workspace,
    queue: queueWire(job.queue),
    queueType: choices.queueType,
    status: statusOf(job),
    statusMessage: statusMessage(job),
    engineHost: engineHost(job.server),
    engineName: engineName(job.server),
    runtimeUsername: job.owner,
    runtimeUserID: userId(job.owner),
    timeQueued: timeWire(job.createdAt),
    timeStarted: timeWire(job.startedAt),
    timeFinished: timeWire(job.finishedAt),
    elapsedTime: Math.max(0, elapsed),
    cpuTime: 0,
    cpuPercent: 0,
    peakMemoryUsage: 0,
    lineCount: final ? (log?.lines ?? 0) : 0,
    warningCount: final ? (log?.warnings ?? 0) : 0,
    errorCount: final ? (log?.errors ?? 0) : 0,
    resultDatasetDownloadUrl: downloadUrl,
    ...sourceOf(job),
  };
}

/** The schedule that started a job: the label alone, which anyone may set, does not tell. */
function sourceOf({ origin, labels }: Job): { sourceType?: 'schedules'; sourceID?: string } {
  const id = labels[SCHEDULE_LABEL];
  return origin?.via === SCHEDULE_LABEL && id !== undefined ? { sourceType: 'schedules', sourceID: id } : {};
}

/** How a final job ended: nine members, no more. */
export const resultWire = (job: Job) => ({
  id: job.id,
  featureOutputCount: choices.featureOutputCount,
  requesterHost: job.origin?.address ?? '',
  requesterResultPort: choices.requesterResultPort,
  status: statusOf(job),
  statusMessage: statusMessage(job),
  timeQueued: timeWire(job.createdAt),
  timeStarted: timeWire(job.startedAt),
  timeFinished: timeWire(job.finishedAt),
});

/** What a request that came too early is answered. */
export const pendingWire = (job: Job) => ({ id: job.id, status: statusOf(job) });
