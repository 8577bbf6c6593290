import type { FastifyReply, FastifyRequest } from 'fastify';
import { toIso } from '../../../http/query.ts';
import type { Job } from '../../../model/job.ts';
import type { JsonObject } from '../../../model/json.ts';
import { choices } from '../choices.ts';
import { statusMessage, v3StatusOf } from '../job-status.ts';
import { type ServiceResponse, sendEnvelope } from './envelope.ts';

/** Answers with a job that was begun and is not waited for. */
export const sendAccepted = (request: FastifyRequest, reply: FastifyReply, { id }: Job): FastifyReply =>
  sendEnvelope(request, reply, { statusInfo: { mode: 'async', status: 'success' }, jobID: id });

/** Answers with a job that has ended, and the address of its result where it has one (reference section 10.2). */
export function sendEnded(request: FastifyRequest, reply: FastifyReply, job: Job, url?: string): FastifyReply {
  if (job.state !== 'completed') reply.code(choices.failedJobStatus);
  return sendEnvelope(request, reply, endedResponse(job, url));
}

function endedResponse(job: Job, url?: string): ServiceResponse {
  const success = job.state === 'completed';
  const message = statusMessage(job);
  return {
    statusInfo: { mode: 'sync', status: success ? 'success' : 'failure', ...(success ? {} : { message }) },
    jobID: job.id,
    ...(url === undefined ? {} : { url }),
    fmeTransformationResult: {
      fmeEngineResponse: {
        statusNumber: success ? 0 : choices.failedStatusNumber,
        statusMessage: message,
        logFileName: `job_${job.id}.log`,
        featuresWritten: {},
      },
      fmeServerResponse: serverResponse(job, success, message),
    },
  };
}

function serverResponse(job: Job, success: boolean, message: string): JsonObject {
  const { id, startedAt, finishedAt, origin } = job;
  return {
    id,
    jobStatus: v3StatusOf(job),
    result: '',
    resultSuccess: success,
    serviceMsg: success ? '' : message,
    serviceSuccess: success,
    ...(startedAt === undefined ? {} : { timeStarted: toIso(startedAt) }),
    ...(finishedAt === undefined ? {} : { timeFinished: toIso(finishedAt) }),
    requesterHost: origin?.address ?? '',
    requesterResultPort: choices.requesterResultPort,
    request: '',
    requestKeyword: '',
    priority: -1,
    description: origin?.description ?? '',
  };
}
