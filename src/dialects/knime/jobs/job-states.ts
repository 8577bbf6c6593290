import type { Config } from '../../../config.ts';
import type { Job } from '../../../model/job.ts';

/** Which names of states the server answers with: those since version 4.12, or those before (reference section 9.6). */
export type StateNames = Config['knime']['stateNames'];

export const states = [
  'CONFIGURED',
  'EXECUTING',
  'EXECUTED',
  'IDLE',
  'EXECUTION_FINISHED',
  'EXECUTION_FAILED',
  'EXECUTION_CANCELLED',
] as const;
export type State = (typeof states)[number];

/** Before 4.12 a job that was not executed to its end fell back to IDLE. */
export function stateOf({ state }: Pick<Job, 'state'>, names: StateNames): State {
  const old = names === 'old';
  switch (state) {
    case 'loaded':
      return 'CONFIGURED';
    case 'completed':
      return old ? 'EXECUTED' : 'EXECUTION_FINISHED';
    case 'failed':
      return old ? 'IDLE' : 'EXECUTION_FAILED';
    case 'cancelled':
      return old ? 'IDLE' : 'EXECUTION_CANCELLED';
    default:
      return 'EXECUTING';
  }
}
