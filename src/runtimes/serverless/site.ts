import type { Json } from '../../model/json.ts';
import type { At } from './check.ts';
import type { Condition, DurationOf, RunList, RunTask, Shape, Task, TaskList } from './model.ts';

/** What the parser of a task kind is handed: how to compile the parts of a definition. */
export interface Site {
  /** Names of `for` and `catch` variables that are in sight. */
  variables: readonly string[];
  use: Used;
  /** The caller's own document, for references among workflows. */
  document: { namespace: string; name: string };
  /** A value of the definition in which `${ … }` strings are expressions. */
  template(at: At): Shape;
  /** A string that is jq as it stands, with or without `${ }`; anything else is a template. */
  expression(at: At, what: string): Shape;
  condition(at: At, what: string): Condition;
  duration(at: At, what: string): DurationOf;
  /** `timeout`: inline, or the name of one under `use`. */
  timeout(at: At): DurationOf;
  /** A list of named tasks. */
  list(at: At, what: string): TaskList;
  /** The same site with more variables in sight. */
  within(variables: readonly string[]): Site;
  runList: RunList;
  runTask: RunTask;
}

/** The reusable parts of the definition, by name. */
export interface Used {
  functions: ReadonlyMap<string, FunctionRef>;
  retries: ReadonlyMap<string, At>;
  timeouts: ReadonlyMap<string, At>;
  errors: ReadonlyMap<string, At>;
  authentications: ReadonlyMap<string, At>;
  secrets: ReadonlySet<string>;
}

/** A function of `use.functions`; `task` is there once the whole definition has been read. */
export interface FunctionRef {
  at: At;
  task?: Task;
}

/** A task kind: the key that tells it, and how it is read. */
export interface TaskKind {
  key: string;
  /** Its properties beside those every task may have; `key` included. */
  properties: readonly string[];
  compile(at: At, site: Site, definition: Record<string, Json>): { type: string; body: Task['body'] };
}
