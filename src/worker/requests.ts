import { createReadStream } from 'node:fs';
import { wholeOf } from '../model/byte-stream.ts';
import { fail, isMillraceError, type Problem, toProblem } from '../model/errors.ts';
import { isFinal, type JobFile, type NewFile } from '../model/job.ts';
import type { Json } from '../model/json.ts';
import { mediaTypeOf } from '../model/media-types.ts';
import { inlinePayload, type Payload } from '../model/payload.ts';
import type { ProcessRequest } from '../model/process.ts';
import type { JournalEntry } from '../model/run.ts';
import type { ProcessPool } from '../processes/index.ts';
import type { ChildJob, ChildResult } from '../runtime.ts';
import type { Blobs, Store } from '../store.ts';
import type { ActiveRun } from './active-run.ts';
import type { Ask, ProcessReply } from './protocol.ts';

/** What the main thread does for runs: everything that leaves their thread. */
export interface RequestParts {
  store: Store;
  blobs: Blobs;
  processes: ProcessPool;
  clock: () => number;
  /** Submits in the name of the parent's owner; the same parent and key give the same child. */
  submitChild(run: ActiveRun, key: string, child: ChildJob): Promise<{ id: number; uuid: string }>;
  cancelChild(run: ActiveRun, child: number, reason: string): Promise<void>;
  secret(run: ActiveRun, name: string): Promise<Json>;
  /** Makes sure that the job is stored before anything of it is. */
  promote(run: ActiveRun): Promise<void>;
  /** Repeats a write until the store takes it. */
  persist<T>(write: () => Promise<T>): Promise<T>;
  maxFileBytes: number;
}

export type Reply = { value?: unknown } | { error: Problem };
export type OnOutput = (stream: 'stdout' | 'stderr', text: string) => void;

/** Answers one request of a run. Never rejects: what goes wrong is the answer. */
export async function answer(
  parts: RequestParts,
  run: ActiveRun,
  ask: Ask,
  signal: AbortSignal,
  onOutput: OnOutput,
): Promise<Reply> {
  try {
    await parts.promote(run);
    return { value: await serve(parts, run, ask, signal, onOutput) };
  } catch (error) {
    return {
      error: isMillraceError(error)
        ? toProblem(error)
        : toProblem(fail('step-failed', error instanceof Error ? error.message : String(error))),
    };
  }
}

function serve(
  parts: RequestParts,
  run: ActiveRun,
  ask: Ask,
  signal: AbortSignal,
  onOutput: OnOutput,
): Promise<unknown> {
  switch (ask.kind) {
    case 'store':
      // As is before every request: see `answer`.
      return Promise.resolve();
    case 'commit':
      return commit(parts, run, ask.entry, ask.output);
    case 'process':
      return runProcess(parts, run, ask.process, signal, onOutput);
    case 'submit-child':
      return parts.submitChild(run, ask.key, ask.child);
    case 'cancel-child':
      return parts.cancelChild(run, ask.child, ask.reason);
    case 'child-result':
      return childResult(parts, ask.child, signal);
    case 'secret':
      return parts.secret(run, ask.name);
  }
}

async function commit(
  parts: RequestParts,
  run: ActiveRun,
  entry: Omit<JournalEntry, 'output'>,
  output: string | undefined,
): Promise<void> {
  const kept: JournalEntry = output === undefined ? entry : { ...entry, output: await storeText(parts.blobs, output) };
  const held = await parts.persist(() => parts.store.checkpoint(run.claim.fence, [kept]));
  if (!held) throw fail('interrupted', { detail: 'The run was given to another worker.', extra: { lost: true } });
}

/** Text of JSON as a payload: inline when short, a file when long. */
export async function storeText(blobs: Blobs, text: string): Promise<Payload> {
  return inlinePayload(text) ?? blobs.put(Buffer.from(text), Number.MAX_SAFE_INTEGER);
}

async function runProcess(
  { processes, blobs, store, clock, maxFileBytes }: RequestParts,
  run: ActiveRun,
  request: ProcessRequest,
  signal: AbortSignal,
  onOutput: OnOutput,
): Promise<ProcessReply> {
  const inputFiles = [
    ...(request.inputFiles ?? []),
    ...run.claim.files.map((file) => ({ name: file.name, path: blobs.path(file.blob) })),
  ];
  const { dispose, files, ...result } = await processes.run({ ...request, inputFiles }, { signal, onOutput });
  try {
    const kept: NewFile[] = [];
    for (const file of files) kept.push({ ...(await storeFile(blobs, file, maxFileBytes)), direction: 'out' });
    if (kept.length > 0) await store.addFiles(run.claim.job.id, kept, clock());
    return { ...result, files: files.map(({ name, bytes }) => ({ name, bytes })) };
  } finally {
    await dispose();
  }
}

async function storeFile(
  blobs: Blobs,
  file: { name: string; path: string },
  maxBytes: number,
): Promise<Omit<JobFile, 'direction' | 'createdAt'>> {
  const { blob, bytes } = await blobs.put(createReadStream(file.path), maxBytes);
  return { name: file.name, contentType: mediaTypeOf(file.name), blob, bytes };
}

/** Waits in memory for a child to end, for a parent that has other things to do meanwhile. */
async function childResult({ store, blobs }: RequestParts, child: number, signal: AbortSignal): Promise<ChildResult> {
  await new Promise<void>((resolve, reject) => {
    const unwatch = store.watch((changes) => {
      if (changes.some((change) => change.kind === 'job' && change.job === child && change.final)) end(resolve);
    });
    const onAbort = () => end(() => reject(signal.reason));
    const end = (settle: () => void) => {
      unwatch();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    store.findJob(child).then(
      (job) => {
        if (!job || isFinal(job.state)) end(resolve);
      },
      (error) => end(() => reject(error)),
    );
  });
  const job = await store.findJob(child);
  if (!job || !isFinal(job.state)) return { state: 'cancelled' };
  const state = job.state as ChildResult['state'];
  if (job.error) return { state, error: job.error as unknown as Json };
  return { state, ...(job.output ? { output: JSON.parse(await readText(blobs, job.output)) as Json } : {}) };
}

/** The JSON text of a payload, whole. */
export async function readText(blobs: Blobs, payload: Payload): Promise<string> {
  if ('json' in payload) return payload.json;
  return (await wholeOf(await blobs.open(payload.blob))).toString('utf8');
}
