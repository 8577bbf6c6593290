import type { Principal } from '../model/principal.ts';
import type { Sealer } from '../model/sealed.ts';
import type { WorkflowVersion } from '../model/workflow.ts';
import type { Store } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Intake } from './intake.ts';
import type { Payloads } from './payloads.ts';
import type { Queues } from './queues.ts';
import type { Slots } from './slots.ts';
import type { Waiting } from './waiting.ts';
import type { Workflows } from './workflows.ts';

/** What the verbs of jobs are made of. */
export interface JobParts {
  store: Store;
  access: Access;
  workflows: Workflows;
  queues: Queues;
  waiting: Waiting;
  payloads: Payloads;
  intake: Intake;
  slots: Slots;
  sealer: Sealer;
  audit: Audit;
  clock: () => number;
  /** The rights a job's owner has now, for what the job starts. */
  principalOf(user: string): Promise<Principal>;
  /** The definition a job keeps. */
  version(hash: string): Promise<WorkflowVersion>;
  owner: string;
  leaseMs: number;
}
