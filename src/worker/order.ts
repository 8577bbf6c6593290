import { isBlob, type Payload } from '../model/payload.ts';
import type { ChildAnswer, Claim } from '../model/run.ts';
import { maySeal } from '../model/sealed.ts';
import type { RunJob } from '../runtime.ts';
import type { Blobs } from '../store.ts';
import { CHILD_WAIT, type JsonText, type OrderMessage, type RunOrder, type SentPayload } from './protocol.ts';

/**
 * A claimed job as the message that hands it to its thread; files travel as paths. The input stands in the text as it is:
 * it needs not be escaped here, nor parsed twice there. What few jobs have is left out where there is nothing.
 */
export function orderText(claim: Claim, blobs: Pick<Blobs, 'path'>): JsonText {
  const { job, fence } = claim;
  const { input } = job;
  const message: OrderMessage = {
    kind: 'run',
    job: [
      job.id,
      fence.token,
      job.attempt,
      job.createdAt,
      job.startedAt ?? job.createdAt,
      job.uuid,
      job.version,
      job.workflow,
      job.owner,
      job.dialect,
    ],
    rest: restOf(claim, blobs),
    sealed: !isBlob(input) && maySeal(input.json) ? true : undefined,
    path: isBlob(input) ? blobs.path(input.blob) : undefined,
  };
  const text = JSON.stringify(message);
  return isBlob(input) ? text : `${text.slice(0, -1)},"input":${input.json}}`;
}

/** What `orderText` says, on the other side. */
export function readOrder({ job, rest, sealed, path, input }: OrderMessage): RunOrder {
  const [id, token, attempt, createdAt, startedAt, uuid, version, workflow, owner, dialect] = job;
  const about: Omit<RunJob, 'input'> = {
    id,
    uuid,
    workflow,
    version,
    owner,
    labels: rest?.labels ?? {},
    dialect,
    attempt,
    createdAt,
    startedAt,
    files: rest?.files ?? [],
  };
  if (rest?.businessKey !== undefined) about.businessKey = rest.businessKey;
  return {
    job: about,
    input: path === undefined ? { value: input ?? null, sealed: sealed === true } : { path },
    token,
    journal: rest?.journal ?? [],
    waits: rest?.waits ?? [],
  };
}

function restOf({ job, journal, waits, files }: Claim, blobs: Pick<Blobs, 'path'>): OrderMessage['rest'] {
  const plain = job.businessKey === undefined && Object.keys(job.labels).length === 0;
  if (plain && journal.length === 0 && waits.length === 0 && files.length === 0) return undefined;
  const sent = (payload: Payload): SentPayload => (isBlob(payload) ? { path: blobs.path(payload.blob) } : payload);
  return {
    ...(job.businessKey === undefined ? {} : { businessKey: job.businessKey }),
    labels: job.labels,
    files: files.map(({ name, contentType, bytes }) => ({ name, contentType, bytes })),
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
