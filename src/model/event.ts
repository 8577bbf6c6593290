import type { FinalState } from './job.ts';

/** The end of a job as it was published to one topic. */
export interface JobEvent {
  /** Later ones have higher ids; none comes twice. */
  id: number;
  /** Of the end of the job, in milliseconds since 1970. */
  at: number;
  topic: string;
  job: number;
  state: FinalState;
  /** Repository path of its workflow. */
  workflow: string;
  /** Whose job it is. */
  owner: string;
  attributes: Record<string, string>;
}
