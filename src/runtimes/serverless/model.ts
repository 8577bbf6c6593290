import type { Json, JsonObject } from '../../model/json.ts';
import type { RunContext } from '../../runtime.ts';
import type { CompiledSchema } from '../../schema/index.ts';

/** A task of the definition, compiled. */
export interface Task {
  name: string;
  /** Its name as a part of a JSON pointer. */
  part: string;
  /** JSON pointer into the definition: `/do/0/getPet`. */
  pointer: string;
  /** Kind for people: `set`, `call:http`, `run:script`. */
  type: string;
  definition: JsonObject;
  condition?: Condition;
  input: Shaping;
  output: Shaping;
  export: Shaping;
  timeout?: DurationOf;
  /** Where to go on afterwards (`then`). */
  next?: string;
  body: Body;
}

/** Schema and expression of `input`, `output` or `export`. */
export interface Shaping {
  schema?: CompiledSchema;
  shape?: Shape;
}

/** Tasks that run one after the other. */
export interface TaskList {
  tasks: readonly Task[];
  places: ReadonlyMap<string, number>;
}

/** Stands for a list that has issues; a definition with issues is never run. */
export const emptyList: TaskList = { tasks: [], places: new Map() };

/** What a task kind does with its transformed input. */
export type Body = (frame: Frame) => Promise<Result> | Result;

export interface Result {
  output: Json;
  /** A flow directive chosen by the task itself (`switch`, `catch.then`); it goes before the task's own. */
  next?: string | undefined;
  /** True when a task below said `end`: the whole workflow ends with this output. */
  ended?: boolean;
}

/** Makes a value from the data at hand. Throws the DSL's expression error. */
export type Shape = (frame: Frame, data: Json) => Json;
export type Condition = (frame: Frame, data: Json) => boolean;
/** Milliseconds. */
export type DurationOf = (frame: Frame, data: Json) => number;

/** What belongs to the whole run. */
export interface RunState {
  context: RunContext;
  /** `$workflow`; made when an expression asks for it, which few do. */
  workflow(): Json;
  /** `$runtime`. */
  runtime: Json;
  secrets: Secrets;
  /** When this thread last gave others a turn, by the process clock. */
  turn: { at: number };
}

/** Secrets of `use.secrets`, resolved before the first task when any expression asks for them. */
export interface Secrets {
  values: JsonObject;
  /** Thrown when an expression asks for `$secrets` although one could not be had. */
  failure?: unknown;
}

/** `$context` of one branch; export replaces its value. */
export interface ContextBox {
  value: Json;
}

/** Where a task runs: everything its expressions can see and its effects need. `runTask`, which makes it, fills in input and output. */
export interface Frame {
  run: RunState;
  /** Of this branch: carries its own abort signal. */
  context: RunContext;
  exported: ContextBox;
  /** Variables of `for` and `catch` around the task. */
  variables: Readonly<Record<string, Json>>;
  /** Names this passage of the task in the journal: the pointer with loop indexes. */
  key: string;
  /** Absent outside of any task (workflow input and output). */
  task?: TaskInfo;
  /** Transformed input: `.` and `$input` of the task's definition. */
  input: Json;
  /** `$output`, once there is one. */
  output?: Json;
  /** `$authorization`, where the task authenticates. */
  authorization?: Json;
}

/** `$task`. */
export interface TaskInfo {
  task: Task;
  /** Raw input. */
  input: Json;
  /** Raw output, once there is one. */
  output?: Json;
  startedAt: number;
}

/** Runs a list; `key` is the journal's prefix for its tasks. */
export type RunList = (list: TaskList, frame: Frame, input: Json, key: string) => Promise<Result>;
/** Runs one task. */
export type RunTask = (task: Task, frame: Frame, input: Json, key: string) => Promise<Result>;
