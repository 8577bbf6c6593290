import type { Change } from './model/change.ts';
import type { Problem } from './model/errors.ts';
import type { JobEvent } from './model/event.ts';
import type { Fence, Job, JobFile, JobState, NewFile, NewJob } from './model/job.ts';
import type { Page } from './model/page.ts';
import type { PathNote } from './model/path-note.ts';
import type { Group, Permission, Token, User } from './model/principal.ts';
import type { Queue, QueueCounts } from './model/queue.ts';
import type { Claim, JournalEntry, LogLine, Outcome, Run, Wait } from './model/run.ts';
import type { Schedule } from './model/schedule.ts';
import type { WorkflowRuns, WorkflowVersion } from './model/workflow.ts';
import type { AuditEntry } from './store/audit-entry.ts';
import type { EventQuery } from './store/event-query.ts';
import type { Fired, Firing, Settled } from './store/firing.ts';
import type { ClaimRequest, ExecutedRun, Inserted, InsertOptions, LoadedChange } from './store/insertion.ts';
import type { Explanation, JobPageQuery, JobQuery, JobRef } from './store/job-query.ts';
import type { LogCount, LogQuery } from './store/log-query.ts';

// What the verbs take and give lies in `store/`, and is imported from here by everyone else.
export type * from './store/audit-entry.ts';
export type * from './store/blobs.ts';
export type * from './store/event-query.ts';
export type * from './store/firing.ts';
export type * from './store/insertion.ts';
export * from './store/job-query.ts';
export type * from './store/log-query.ts';

/**
 * What keeps everything. Every verb is one whole transaction, durable before its promise settles; a write that carries a
 * `Fence` changes nothing and answers false when the fence is stale. Times are milliseconds since 1970 and handed in.
 *
 * Fails with `store-unavailable` or `disk-full` when nothing could be written, and is usable again by itself afterwards.
 */
export interface Store {
  // --- jobs
  /**
   * Inserts a job. With `claim`, it is inserted as `running` and claimed in one go, if its queue is not paused, has
   * room, and no due job stands before it; otherwise it is queued. With `idempotency`, the same key and fingerprint
   * answer the first job again (`replayed`), another fingerprint throws `idempotency-conflict`. A child with a parent
   * and step that exists already is answered again. A job with a `series` follows the last of it, which must be final
   * (else `conflict`).
   */
  insertJob(job: NewJob, options?: InsertOptions): Promise<Inserted>;
  /**
   * Inserts a job that came to its end before it was stored, under its id: as it is then, with the lines of its log, in
   * one transaction. Not for jobs with a parent, of a series, or that publish their end.
   */
  insertEnded(job: NewJob, run: ExecutedRun, lines?: LogLine[]): Promise<void>;
  /**
   * Records a synchronous run that was never stored before: job, run and outcome in one transaction, discarded at once
   * (it is in the history and the counts, not in lists). Not for jobs that publish their end.
   */
  recordExecution(job: NewJob, run: ExecutedRun): Promise<void>;
  /**
   * The next id, for a job that begins before it is stored; no other job gets it. Without a promise where ids are at
   * hand. One whose job is never stored may be given out again after a restart.
   */
  newJobId(): number | Promise<number>;
  /** The UUID that belongs to an id, whether or not there is such a job. */
  jobUuid(id: number): string;
  /** By integer id or UUID. Discarded jobs are not found. */
  findJob(ref: JobRef): Promise<Job | undefined>;
  /** Newest first; a page may be short and still have `next` where a filter matches little. */
  listJobs(query: JobQuery): Promise<Page<Job>>;
  /**
   * Jobs in some order, from some place on, and how many there are: for clients that page by number. Where an index
   * gives the order (the end of final jobs, nothing else asked) it reaches all jobs; otherwise the newest
   * `MOST_SORTED` candidates are looked at, and `total` counts what matches among them.
   */
  pageJobs(query: JobPageQuery): Promise<{ items: Job[]; total: number }>;
  /**
   * The last job of the series that `ref` began or belongs to, by the first job's id or UUID also when that one is gone;
   * the job itself where it was never run again.
   */
  findLatestJob(ref: JobRef): Promise<Job | undefined>;
  /** `loaded` to `queued`, with another input where one is given; throws `conflict` in any other state. */
  startJob(ref: JobRef, at: number, change?: LoadedChange): Promise<Job>;
  /** Gives a loaded job another input; throws `conflict` in any other state. */
  changeLoadedJob(ref: JobRef, at: number, change: LoadedChange): Promise<Job>;
  /**
   * Final jobs only (else `conflict`): takes it out of every list and lets its payloads go. With `series`, all jobs of
   * its series, or none while one of them is not final; one that is being cancelled and discarded is left to that.
   */
  discardJob(ref: JobRef, at: number, options?: { series: boolean }): Promise<void>;
  /**
   * Cancels at once what is loaded, queued or waiting (and, in the same transaction, the unfinished children it waits
   * for); for a running job sets the request and answers `requested`; with `discard` it is one to be discarded. Throws `conflict` for a final job.
   */
  cancelJob(
    ref: JobRef,
    by: { reason: string; at: number; discard?: boolean },
  ): Promise<{ job: Job; outcome: 'cancelled' | 'requested'; running: number[] }>;
  /** What the job waits for: place in its queue, the queue's limit, open waits, next attempt. */
  explainJob(ref: JobRef, at: number): Promise<Explanation | undefined>;

  // --- runs
  /** Takes due jobs, highest priority and oldest first, within the limits of their queues. */
  claimJobs(by: ClaimRequest & { max: number; at: number }): Promise<Claim[]>;
  /** Extends leases; answers those that are lost and those with a cancel request. */
  renewLeases(by: ClaimRequest & { fences: Fence[]; at: number }): Promise<{ lost: number[]; cancel: number[] }>;
  /**
   * Journal entries and log lines of a running job, in one transaction. The first outcome of a key stays: neither
   * `begun` nor another outcome overwrites it.
   */
  checkpoint(fence: Fence, entries: JournalEntry[], lines?: LogLine[]): Promise<boolean>;
  /**
   * Records how a run ended: run row, state, result, waits, files and the answer to a waiting parent. `waiting` with a
   * wait that is answered already goes straight back to `queued`. With `retryAt`, a failed run is queued again and
   * counts as an attempt. `interrupted` follows the job's `onInterrupted`; after `maxInterruptions` it fails.
   * A cancel request turns `waiting`, `interrupted` and a retry into `cancelled`.
   */
  finishRun(
    fence: Fence,
    end: { outcome: Outcome; at: number; retryAt?: number; maxInterruptions: number },
  ): Promise<JobState | undefined>;
  /** Jobs that are `running` without a live owner: another owner's when `orphans`, else those with an expired lease. */
  rescueJobs(by: {
    owner: string;
    orphans: boolean;
    at: number;
    maxInterruptions: number;
  }): Promise<{ job: number; state: JobState }[]>;
  /** Answers one wait: journal entry and `queued` in one transaction. False when there is no such wait. */
  wakeJob(wait: {
    job: number;
    key: string;
    output: JournalEntry['output'];
    error?: Problem;
    at: number;
  }): Promise<boolean>;
  /** Answers every timer that is due, promotes delayed jobs, fails what is over a queue or total limit. */
  passTime(at: number): Promise<{ woken: number; promoted: number; expired: number[] }>;
  /** When `passTime` has something to do next. */
  nextDue(): Promise<number | undefined>;
  /** The journal in the order it was written. */
  listSteps(job: number): Promise<JournalEntry[]>;
  listRuns(job: number): Promise<Run[]>;
  listWaits(job: number): Promise<Wait[]>;
  /** What ends of jobs published to topics: written in the transaction of each end, and kept when the job is gone. */
  listEvents(query: EventQuery): Promise<Page<JobEvent>>;

  // --- logs and files
  /** How many lines the logs of these jobs have; jobs without a log are left out. */
  countLogs(jobs: number[]): Promise<LogCount[]>;
  /** Adds lines to a job's log, in order. Lines beyond the log limit are counted, not kept. */
  appendLog(job: number, lines: LogLine[]): Promise<void>;
  /** Lines after `after` (a sequence number), oldest first; with `tail`, the last so many. */
  readLog(job: number, query: LogQuery): Promise<{ lines: (LogLine & { seq: number })[]; dropped: number }>;
  listFiles(job: number): Promise<JobFile[]>;
  addFiles(job: number, files: NewFile[], at: number): Promise<void>;

  // --- workflow versions
  saveVersion(version: WorkflowVersion, at: number): Promise<void>;
  findVersion(hash: string): Promise<WorkflowVersion | undefined>;
  /** The last version that served at a path. */
  currentVersion(path: string): Promise<string | undefined>;
  setCurrentVersion(path: string, hash: string | undefined, at: number): Promise<void>;

  // --- what is known of paths in the repository
  /** Runs that came to an end, of all time, also of jobs that are pruned by now; workflows without any are left out. */
  countRuns(workflows: readonly string[]): Promise<WorkflowRuns[]>;
  saveNote(note: PathNote): Promise<void>;
  /** With a folder's path, also all below it. */
  deleteNote(path: string): Promise<void>;
  /** Takes a note along to another path, with a folder's also all below it; what was noted there goes. */
  moveNote(from: string, to: string): Promise<void>;
  listNotes(paths: readonly string[]): Promise<PathNote[]>;

  // --- queues, users, tokens, groups, permissions
  listQueues(): Promise<Queue[]>;
  saveQueue(queue: Queue): Promise<void>;
  /** Throws `conflict` while it has unfinished jobs, or for the default queue. */
  deleteQueue(name: string): Promise<void>;
  countQueues(at: number): Promise<QueueCounts[]>;
  listUsers(): Promise<User[]>;
  findUser(name: string): Promise<User | undefined>;
  /** `expect: 'new'` throws `exists`; `'old'` throws `not-found`. */
  saveUser(user: User, expect: 'new' | 'old'): Promise<void>;
  deleteUser(name: string): Promise<void>;
  /** With `uniqueName`, throws `exists` when the user has one of that name. */
  insertToken(token: Omit<Token, 'id'>, options?: { uniqueName?: boolean }): Promise<Token>;
  /** Everything but whose it is and its secret. Throws `not-found`. */
  updateToken(token: Token): Promise<void>;
  findToken(hash: string): Promise<Token | undefined>;
  listTokens(user?: string): Promise<Token[]>;
  deleteToken(id: number): Promise<void>;
  listGroups(): Promise<Group[]>;
  saveGroup(group: Group): Promise<void>;
  deleteGroup(name: string): Promise<void>;
  listPermissions(): Promise<Permission[]>;
  /** Replaces what one subject may do at one path; no actions: the entry goes. */
  savePermission(permission: Permission): Promise<void>;
  appendAudit(entry: AuditEntry): Promise<void>;
  listAudit(query: { limit: number; cursor?: string }): Promise<Page<AuditEntry & { id: number }>>;

  // --- schedules
  /**
   * A new one, or another `before` as it was read, whose owner, time of creation and last run stay. False: that one was
   * changed, fired or deleted since. Throws `exists` for a new one whose id is taken, and with `uniqueName` where another
   * has its name in its category.
   */
  saveSchedule(schedule: Schedule, before?: Schedule, options?: { uniqueName: boolean }): Promise<boolean>;
  findSchedule(id: string): Promise<Schedule | undefined>;
  /** Oldest first; with a name, those of this user. */
  listSchedules(owner?: string): Promise<Schedule[]>;
  /** Throws `not-found`. Its jobs stay. */
  deleteSchedule(id: string): Promise<void>;
  /** Enabled ones that are due, longest due first. */
  dueSchedules(at: number, max: number): Promise<Schedule[]>;
  /** When an enabled one is due next. */
  nextSchedule(): Promise<number | undefined>;
  /**
   * Inserts the job of a due schedule and moves the schedule to its next time, in one transaction: whatever happens,
   * there is one job for one time. One that was changed since it was read stays as it is (`stale`). Without `dueAt` the
   * job is one by hand, also of a disabled schedule, whose next time stays.
   */
  fireSchedule(firing: Firing): Promise<Fired>;
  /**
   * Counts the ends of jobs of schedules since the last call: failures in a row, a schedule with too many of them is
   * disabled, jobs are discarded as their schedule says. `open`: jobs that have not ended.
   */
  settleSchedules(by: { at: number; maxFailures: number }): Promise<{ settled: Settled[]; open: number[] }>;

  // --- upkeep
  /** Takes runs that ended up to a time into the counts, which keeps `countRuns` quick; true when more are left. */
  sumRuns(at: number): Promise<boolean>;
  /**
   * Deletes jobs finished before `before` and idempotency keys made before `keysBefore`, and discards jobs that are to be
   * discarded and finished before `discard.before`; cancels jobs that have been loaded since before `loaded.before`.
   * Oldest first, loaded ones within each queue; at most `max` of each kind.
   */
  pruneJobs(query: {
    before: number;
    keysBefore: number;
    discard?: { before: number; at: number };
    loaded?: { before: number; reason: string; at: number };
    max: number;
  }): Promise<{ jobs: number; keys: number; cancelled: number }>;
  /** Deletes the oldest events of before a time, at most `max`; answers how many. */
  pruneEvents(query: { before: number; max: number }): Promise<number>;
  /** Deletes tokens that ran out before a time, at most `max`; answers how many. */
  pruneTokens(query: { before: number; max: number }): Promise<number>;
  /** Which of these content hashes nothing refers to. */
  unreferenced(blobs: string[]): Promise<string[]>;
  /** Writes a consistent copy while the store goes on. */
  backup(file: string): Promise<void>;
  /** Throws what keeps it from writing at the moment. */
  check(): Promise<void>;
  /**
   * Called after commit, in commit order, for every change of a job's state and every journal entry, log line or event;
   * before the callers whose verbs made the changes go on.
   */
  watch(listener: (changes: Change[]) => void): () => void;
  close(): Promise<void>;
}
