import { isBlob, type Payload } from '../model/payload.ts';
import type { ChildAnswer, Claim } from '../model/run.ts';
import type { Blobs } from '../store.ts';
import { CHILD_WAIT, type RunOrder, type SentPayload } from './protocol.ts';

/** A claimed job as its thread is handed it; files travel as paths. */
export function orderOf({ job, fence, journal, waits, files }: Claim, blobs: Pick<Blobs, 'path'>): RunOrder {
  const sent = (payload: Payload): SentPayload => (isBlob(payload) ? { path: blobs.path(payload.blob) } : payload);
  return {
    job: {
      id: job.id,
      uuid: job.uuid,
      workflow: job.workflow,
      version: job.version,
      owner: job.owner,
      ...(job.businessKey === undefined ? {} : { businessKey: job.businessKey }),
      labels: job.labels,
      dialect: job.dialect,
      attempt: job.attempt,
      createdAt: job.createdAt,
      startedAt: job.startedAt ?? job.createdAt,
      files: files.map(({ name, contentType, bytes }) => ({ name, contentType, bytes })),
    },
    input: sent(job.input),
    token: fence.token,
    journal: journal.map(({ output, ...entry }) => {
      if (output === undefined) return entry;
      return { ...entry, output: entry.type === CHILD_WAIT ? sentAnswer(output, sent, blobs) : sent(output) };
    }),
    waits,
  };
}

/** What the store answered a wait on a child with; a long output is still a file. */
function sentAnswer(
  payload: Payload,
  sent: (payload: Payload) => SentPayload,
  blobs: Pick<Blobs, 'path'>,
): SentPayload {
  if (isBlob(payload)) return sent(payload);
  const answer = JSON.parse(payload.json) as ChildAnswer;
  return 'outputBlob' in answer ? { childOutput: blobs.path(answer.outputBlob.blob) } : payload;
}
