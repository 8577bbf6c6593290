import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import type { Engine } from '../../../engine/engine.ts';
import { caller } from '../../../http/access.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import type { Json } from '../../../model/json.ts';
import { choices } from '../choices.ts';
import { submittedParameters } from '../job-request.ts';
import { statusMessage, v3StatusOf } from '../job-status.ts';
import { jobWire, type LogNumbers, timeWire } from '../job-wire.ts';
import { nameOf } from '../names.ts';
import { queueWire } from '../queue-names.ts';
import { resultUrl } from '../result-url.ts';

/** How a final job ended. */
export const v3ResultWire = (job: Job, downloadUrl?: string) => ({
  id: job.id,
  priority: -1,
  status: v3StatusOf(job),
  statusMessage: statusMessage(job),
  numFeaturesOutput: choices.featureOutputCount,
  requesterHost: job.origin?.address ?? '',
  requesterResultPort: choices.requesterResultPort,
  timeRequested: timeWire(job.createdAt),
  timeStarted: timeWire(job.startedAt),
  timeFinished: timeWire(job.finishedAt),
  ...(downloadUrl === undefined ? {} : { resultDatasetDownloadUrl: downloadUrl }),
});

/** What was submitted, as it could be submitted again. */
export function v3RequestWire(
  job: Pick<Job, 'workflow' | 'queue' | 'limits' | 'origin' | 'publish'>,
  parameters: Readonly<Record<string, Json>>,
) {
  const { limits, origin, publish } = job;
  const { repository, workspace } = nameOf(job.workflow);
  const seconds = (ms: number | undefined) => (ms === undefined ? -1 : Math.round(ms / 1000));
  return {
    publishedParameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
    TMDirectives: {
      rtc: false,
      ttc: seconds(limits.sinceStartMs),
      tag: queueWire(job.queue),
      ttl: seconds(limits.queueMs),
      description: origin?.description ?? '',
    },
    NMDirectives: {
      directives: Object.entries(publish?.attributes ?? {}).map(([name, value]) => ({ name, value })),
      successTopics: publish?.completed ?? [],
      failureTopics: publish?.failed ?? [],
    },
    workspacePath: `"${repository}/${workspace}"`,
  };
}

/** Jobs as V3 shows them, with what was submitted, and how they ended once they have. */
export async function v3JobsWire(request: FastifyRequest, context: DialectContext, jobs: readonly Job[]) {
  const principal = caller(request);
  const logs: Awaited<ReturnType<Engine['logs']['counts']>> = await context.engine.logs.counts(jobs);
  return Promise.all(
    jobs.map(async (job) => {
      const asked = v3RequestWire(job, await submittedParameters(context, principal, job));
      const record = v3JobWire(job, logs.get(job.id), asked);
      return isFinal(job.state) ? { ...record, result: v3ResultWire(job, resultUrl(request, context, job)) } : record;
    }),
  );
}

function v3JobWire(job: Job, log: LogNumbers | undefined, asked: ReturnType<typeof v3RequestWire>) {
  const same = jobWire(job, log);
  return {
    id: same.id,
    status: v3StatusOf(job),
    repository: same.repository,
    workspace: same.workspace,
    userName: same.runtimeUsername,
    description: same.description,
    engineHost: same.engineHost,
    engineName: same.engineName,
    timeSubmitted: same.timeQueued,
    timeQueued: same.timeQueued,
    timeDelivered: same.timeStarted,
    timeStarted: same.timeStarted,
    timeFinished: same.timeFinished,
    elapsedTime: same.elapsedTime,
    cpuTime: same.cpuTime,
    cpuPct: same.cpuPercent,
    peakMemUsage: same.peakMemoryUsage,
    numLines: same.lineCount,
    numWarnings: same.warningCount,
    numErrors: same.errorCount,
    request: asked,
  };
}
