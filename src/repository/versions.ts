import type { WorkflowVersion } from '../model/workflow.ts';

/** Where versions are kept for as long as a job may ask for them; the store, seen from here. */
export interface Versions {
  /** Keeps a version; the same hash again changes nothing. */
  save(version: WorkflowVersion): Promise<void>;
  find(hash: string): Promise<WorkflowVersion | undefined>;
  /** Hash of the version that served last at a path, so that it goes on serving after a restart. */
  lastGood(path: string): Promise<string | undefined>;
  /** Notes which version serves at a path; undefined: the workflow is gone. */
  setCurrent(path: string, hash: string | undefined): Promise<void>;
}
