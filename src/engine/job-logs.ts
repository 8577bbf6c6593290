import { fail } from '../model/errors.ts';
import type { Job, JobFile, NewFile } from '../model/job.ts';
import type { Principal } from '../model/principal.ts';
import type { JournalEntry, LogLine, Run } from '../model/run.ts';
import type { Blobs, JobRef, LogCount, LogQuery, Store } from '../store.ts';
import type { Intake } from './intake.ts';
import type { Jobs } from './jobs.ts';

/** What a job wrote: its log, steps, runs and files. */
export interface JobLogs {
  log(
    principal: Principal,
    ref: JobRef,
    query: LogQuery,
  ): Promise<{ lines: (LogLine & { seq: number })[]; dropped: number }>;
  /** How many lines, warnings and errors the logs of jobs have that the caller was given. */
  counts(jobs: readonly Pick<Job, 'id'>[]): Promise<Map<number, LogCount>>;
  /** Steps with an effect, in the order they were begun. */
  steps(principal: Principal, ref: JobRef): Promise<JournalEntry[]>;
  runs(principal: Principal, ref: JobRef): Promise<Run[]>;
  files(principal: Principal, ref: JobRef): Promise<JobFile[]>;
  /** Throws `not-found` naming the files there are. */
  file(principal: Principal, ref: JobRef, name: string): Promise<OpenFile>;
  /** Streams an upload in, before its job exists. Throws `too-large`. */
  storeFile(
    principal: Principal,
    name: string,
    contentType: string,
    source: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<NewFile>;
}

export interface OpenFile extends JobFile {
  /** Bytes `start` to `end`, both inclusive; all without a range. */
  open(range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array> & { destroy(): void }>;
}

export function createJobLogs(parts: { store: Store; blobs: Blobs; jobs: Pick<Jobs, 'get'>; intake: Intake }): JobLogs {
  const { store, blobs, jobs, intake } = parts;
  const idOf = async (principal: Principal, ref: JobRef): Promise<number> => (await jobs.get(principal, ref)).id;

  return {
    log: async (principal, ref, query) => store.readLog(await idOf(principal, ref), query),
    counts: async (jobs) =>
      new Map((await store.countLogs(jobs.map(({ id }) => id))).map((count) => [count.job, count])),
    // A race is bookkeeping of the run, no step of the workflow.
    steps: async (principal, ref) =>
      (await store.listSteps(await idOf(principal, ref))).filter(({ type }) => type !== 'race'),
    runs: async (principal, ref) => store.listRuns(await idOf(principal, ref)),
    files: async (principal, ref) => store.listFiles(await idOf(principal, ref)),
    async file(principal, ref, name) {
      const files = await store.listFiles(await idOf(principal, ref));
      // The same name may have come in and gone out; what the job made is what is asked for.
      const file =
        files.findLast((one) => one.name === name && one.direction === 'out') ?? files.find((one) => one.name === name);
      if (!file) {
        const names = files.map((one) => one.name).join(', ') || 'none';
        throw fail('not-found', `Job ${ref} has no file ${name}. Its files: ${names}.`);
      }
      return { ...file, open: (range) => blobs.open(file.blob, range) };
    },
    async storeFile(_principal, name, contentType, source, maxBytes) {
      intake.check();
      const { blob, bytes } = await blobs.put(intake.whileThereIsRoom(source), maxBytes);
      return { name, direction: 'in', contentType, blob, bytes };
    },
  };
}
