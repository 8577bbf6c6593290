import type { Job } from '../model/job.ts';
import { isBlob, type Payload } from '../model/payload.ts';
import type { ChildAnswer, Claim } from '../model/run.ts';
import { maySeal } from '../model/sealed.ts';
import type { RunJob } from '../runtime.ts';
import type { Blobs } from '../store.ts';
import { CHILD_WAIT, type JsonText, type OrderMessage, type RunOrder, type SentPayload } from './protocol.ts';

/**
 * A claimed job as the message that hands it to its thread; files travel as paths. The input stands in the text as it is:
 * it needs not be escaped here, nor parsed twice there. What few jobs have is left out where there is nothing. Written
 * member by member: this is done for every job, and costs a third of what a whole `OrderMessage` would.
 */
export function orderText(claim: Claim, blobs: Pick<Blobs, 'path'>, stored: boolean): JsonText {
  const { job, fence } = claim;
  const { input } = job;
  const numbers = `${job.id},${fence.token},${job.attempt},${job.createdAt},${job.startedAt ?? job.createdAt}`;
  let text = `{"kind":"run","job":[${numbers},"${job.uuid}",${names(job)}]`;
  if (!stored) text += ',"unstored":true';
  const rest = restOf(claim, blobs);
  if (rest !== undefined) text += `,"rest":${JSON.stringify(rest)}`;
  if (isBlob(input)) text += `,"path":${JSON.stringify(blobs.path(input.blob))}`;
  else text += maySeal(input.json) ? `,"sealed":true,"input":${input.json}` : `,"input":${input.json}`;
  return `${text}}`;
}

/** Jobs in a row are mostly of one workflow and one owner. */
let last: { of: Pick<Job, 'version' | 'workflow' | 'owner' | 'dialect'>; text: string } | undefined;

function names(job: Job): string {
  const { version, workflow, owner, dialect } = job;
  const of = last?.of;
  const same = of?.version === version && of.workflow === workflow && of.owner === owner && of.dialect === dialect;
  if (last === undefined || !same) {
    last = {
      of: { version, workflow, owner, dialect },
      text: JSON.stringify([version, workflow, owner, dialect]).slice(1, -1),
    };
  }
  return last.text;
}

/** What `orderText` says, on the other side. */
export function readOrder({ job, rest, sealed, unstored, path, input }: OrderMessage): RunOrder {
  const [id, token, attempt, createdAt, startedAt, uuid, version, workflow, owner, dialect] = job;
  // All members at once: a copy with one more later takes several microseconds of every run.
  const about: RunJob = {
    id,
    uuid,
    workflow,
    version,
    input: input ?? null,
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
    path,
    sealed: sealed === true,
    token,
    stored: unstored !== true,
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
