import type { DialectContext } from '../../../dialect.ts';
import type { StateNames } from './job-states.ts';
import type { Swapped } from './swapped.ts';

/** What the routes of jobs share. */
export interface Face extends DialectContext {
  stateNames: StateNames;
  swapped: Swapped;
}
