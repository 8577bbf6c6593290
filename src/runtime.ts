import type { Json, JsonObject } from './model/json.ts';
import type { OutlineStep } from './model/outline.ts';
import type { ProcessRequest, ProcessResult } from './model/process.ts';
import type { LogLine } from './model/run.ts';
import type { WorkflowInfo } from './model/workflow.ts';
import type { Outbound } from './outbound/index.ts';

/** Interprets one workflow language. */
export interface Runtime {
  name: string;
  /** File endings it owns, with the dot. */
  suffixes: readonly string[];
  /**
   * Reads a definition without running it. Throws `invalid-definition` with every issue found, each with line, column,
   * what was found and what is accepted.
   */
  parse(source: string, file: string): Definition;
  /** What a definition consists of, for people. */
  outline(definition: Definition): OutlineStep[];
  /**
   * Runs it to its output. Every effect goes through `context`. A failed workflow is thrown as `workflow-failed` (or a
   * more exact code) with the step's pointer as `instance`. While the run waits, the promise stays pending: the caller
   * sees the wait through the context and lets the run go.
   */
  run(definition: Definition, context: RunContext): Promise<Json>;
}

/** A parsed definition; what else it holds is its runtime's affair. */
export interface Definition {
  info: WorkflowInfo;
}

/** What a run may know of its job. */
export interface RunJob {
  id: number;
  uuid: string;
  workflow: string;
  version: string;
  input: Json;
  owner: string;
  businessKey?: string;
  labels: Record<string, string>;
  dialect: string;
  attempt: number;
  createdAt: number;
  startedAt: number;
  /** Files that came with the submit. */
  files: { name: string; contentType: string; bytes: number }[];
}

/** Names a step for people; the key names it for the journal. */
export interface StepInfo {
  /** Last name in the definition, such as `getPet`. */
  name: string;
  /** `call:http`, `run:script`, `wait` … */
  type: string;
}

/** What the function of a step is handed. */
export interface StepAttempt {
  /** How often this step was begun, from 1: above 1 its effect may have happened already. */
  attempt: number;
  /** The same for every attempt of this step: hand it to the other side so that it can tell a repetition. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/** What wakes a waiting run. A timer is absolute, in milliseconds since 1970. */
export type WaitSpec =
  | { kind: 'timer'; wakeAt: number }
  /** Answered with `{ state, output?, error? }` when the child job reaches a final state. */
  | { kind: 'job'; child: number }
  | { kind: 'signal'; match: string; wakeAt?: number };

/**
 * What a run is handed: the only way to the world. The journal stands behind `step`, `wait` and `race`: what an earlier
 * run of the same job finished is answered from there and not done again.
 */
export interface RunContext {
  job: RunJob;
  /** Ends when the run must stop: cancel, time limit, drain, or this branch lost its race. */
  signal(): AbortSignal;
  /** Time as the journal has it: the same again when the run is repeated after a crash. */
  now(): number;
  /**
   * Does an effect once. If the journal has the key, its outcome is returned (or thrown) and `effect` is not called;
   * otherwise `effect` runs and its outcome is on disk before the promise settles.
   */
  step<T extends Json>(key: string, info: StepInfo, effect: (attempt: StepAttempt) => Promise<T>): Promise<T>;
  /** Waits without holding anything: when nothing else of the run can go on, the run ends as `waiting`. */
  wait(key: string, info: StepInfo, spec: WaitSpec): Promise<Json>;
  /** Runs branches side by side; rejects with the first failure, after the other branches were told to stop. */
  all<T>(branches: readonly Branch<T>[]): Promise<T[]>;
  /** Runs branches side by side until the first settles; the others are stopped. The winner is journaled under `key`. */
  race<T>(key: string, branches: readonly Branch<T>[]): Promise<{ index: number; value: T }>;
  /** Submits a child job, once per key; a child that was submitted by an earlier run is found again. */
  submitChild(key: string, info: StepInfo, child: ChildJob): Promise<{ id: number; uuid: string }>;
  /** Asks for the end of a child job. */
  cancelChild(id: number, reason: string): Promise<void>;
  log(line: Omit<LogLine, 'at'>): void;
  /** Runs user code in a process of its own. */
  process(request: ProcessRequest, options: ProcessOptions): Promise<ProcessResult>;
  outbound: Outbound;
  /** The secret of that name; throws `workflow-failed` when there is none. Its value is masked in the log. */
  secret(name: string): Promise<Json>;
  /** Gives other work of this thread a turn; call it in loops without effects. Throws when the run must stop. */
  breathe(): Promise<void>;
}

/** One of several branches of a run, with a context of its own. */
export type Branch<T> = (context: RunContext) => Promise<T>;

export interface ProcessOptions {
  signal: AbortSignal;
  onOutput?(stream: 'stdout' | 'stderr', text: string): void;
}

/** A job that a step starts. */
export interface ChildJob {
  /** Repository path, absolute. */
  workflow: string;
  input: Json;
  labels?: Record<string, string>;
}

/** What a finished child answers its parent's wait with. */
export interface ChildResult extends JsonObject {
  state: 'completed' | 'failed' | 'cancelled';
}
