import type { Problem } from '../model/errors.ts';
import type { Job, NewJob } from '../model/job.ts';
import type { Payload } from '../model/payload.ts';
import type { Claim } from '../model/run.ts';

/**
 * Free places to run a job at once. The engine and the workers meet in the store; this is the short cut past it: with a
 * slot in hand a job is inserted already claimed, which saves it one write.
 */
export interface Slots {
  reserve(): boolean;
  /** The same for a job that must not overtake: false also while others may be queued. */
  reserveInTurn(): boolean;
  release(): void;
  dispatch(claim: Claim): void;
  /** Runs a new job in a reserved slot; settles once it is on disk. */
  launch(job: NewJob, id: { id: number; uuid: string }): Promise<Job>;
  execute(
    job: NewJob,
    id: { id: number; uuid: string },
  ): { ended: Promise<Ended | undefined>; store(): Promise<Ended | undefined> };
  stopRun(job: number, reason: { kind: 'cancel'; reason: string }): void;
  /** Names of the queues with a limit of their own. */
  limit(queues: readonly string[]): void;
  wake(): void;
  /** Numbers of the jobs that run now. */
  running(): number[];
  /** Changes how many there are; what runs runs on, also beyond them. */
  resize(slots: number): void;
  counts(): { slots: number; running: number };
  draining(): boolean;
}

export type Ended =
  | { kind: 'completed'; output: Payload }
  | { kind: 'failed'; error: Problem }
  | { kind: 'cancelled'; reason: string };
