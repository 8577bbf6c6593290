import type { JobLimits, OnInterrupted, RetryPolicy } from './job.ts';
import type { JsonObject } from './json.ts';

/** One problem in a definition, found without running it. */
export interface DefinitionIssue {
  /** From 1; absent where the source has no such place. */
  line?: number;
  column?: number;
  /** JSON pointer into the definition, such as `/do/0/getPet/call`. */
  pointer?: string;
  /** What is wrong, what was found and what is accepted, in one sentence. */
  message: string;
}

/** What the server knows of a workflow without running it. */
export interface WorkflowInfo {
  title?: string;
  description?: string;
  /** The author's own version text. */
  declaredVersion?: string;
  tags: Record<string, string>;
  /** JSON Schema 2020-12 of the input; it is the parameter list. Absent: anything is accepted. */
  inputSchema?: JsonObject;
  outputSchema?: JsonObject;
  /** Defaults for its jobs; a submit may say otherwise. */
  limits: JobLimits;
  retry?: RetryPolicy;
  onInterrupted: OnInterrupted;
  queue?: string;
}

/** A definition as one content: a job keeps the version it was created with. */
export interface WorkflowVersion {
  /** Lower-case hex SHA-256 of the source bytes. */
  hash: string;
  runtime: string;
  source: string;
  info: WorkflowInfo;
}

/** A workflow in the repository. */
export interface Workflow {
  /** Path without suffix, such as `/Examples/Fan out`. */
  path: string;
  /** Path of the file below the repository folder, with suffix. */
  file: string;
  /** The version that serves; absent while no good one was ever seen. */
  current?: WorkflowVersion;
  /** What is wrong with the file as it lies there now; empty when `current` is the file. */
  issues: DefinitionIssue[];
  bytes: number;
  modifiedAt: number;
}

/** How often a workflow ran to an end. */
export interface WorkflowRuns {
  workflow: string;
  runs: number;
  /** From the begin of their first runs to their ends, in milliseconds, added up. */
  elapsedMs: number;
}
