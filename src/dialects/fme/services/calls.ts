import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { takeStreams } from '../../../http/bodies.ts';
import { takeMultipart } from '../../../http/multipart.ts';
import { type ResponseDoc, route } from '../../../http/routes.ts';
import { isFinal, type Job } from '../../../model/job.ts';
import { untilEnd } from '../job-end.ts';
import { callDocs, callQuery, envelopeDoc } from './docs.ts';
import { sendAccepted } from './job-response.ts';
import { startCall } from './start.ts';

/** A service that runs workspaces. */
export interface CallSpec {
  /** First part of its addresses; kept with its jobs. */
  name: string;
  /** Of its operations in the document. */
  id: string;
  summary: string;
  description: string;
  /** Its 200. */
  answer: ResponseDoc;
  /** True: control values cannot make it answer at once. */
  alwaysWaits?: boolean;
  /** Answers once the job has ended. */
  onEnd(request: FastifyRequest, reply: FastifyReply, job: Job): FastifyReply | Promise<FastifyReply>;
}

/** Adds the two operations of a service: by address alone, and with a body of any kind. */
export async function addCalls(scope: FastifyInstance, context: DialectContext, spec: CallSpec): Promise<void> {
  await takeAnyBody(scope, context);
  const docs = callDocs(`/${spec.name}`, spec.id, {
    summary: spec.summary,
    description: spec.description,
    responses: {
      200: spec.answer,
      202: envelopeDoc('The server stops; the job goes on.', {
        statusInfo: { mode: 'async', status: 'success' },
        jobID: 48,
      }),
    },
  });
  for (const method of ['GET', 'POST'] as const) {
    route(scope, {
      method,
      url: '/*',
      access: { scope: 'jobs:run' },
      query: callQuery,
      // Asking what the answer would look like must not run anything.
      head: false,
      upload: true,
      doc: docs[method],
      handler: async (request, reply) => {
        const { job, waits } = await startCall(request, context, spec.name);
        if (!waits && !spec.alwaysWaits) return sendAccepted(request, reply, job);
        const ended = await untilEnd(request, reply, context, job.id);
        if (!isFinal(ended.state)) return sendAccepted(request, reply.code(202), ended);
        return spec.onEnd(request, reply, ended);
      },
    });
  }
}

/** Forms are read; everything else reaches the handler as a stream. */
async function takeAnyBody(scope: FastifyInstance, { limits }: DialectContext): Promise<void> {
  await takeMultipart(scope, limits);
  scope.removeContentTypeParser('application/json');
  takeStreams(scope);
}
