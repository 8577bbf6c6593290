import { failure } from './errors.ts';
import { tick } from './limits.ts';
import { excerpt } from './text.ts';
import type { Json } from './value.ts';

/** Variables and closures in scope, newest first. Immutable, so that a closure may be re-entered at any point. */
export interface Env {
  readonly value: unknown;
  readonly next: Env | null;
}

/** Receives one output. `true` asks the producer to stop; a producer that is told so returns `true` at once. */
export type Emit = (value: Json) => boolean;

/** A path as a list from its last key to its first; null is the empty path. */
export type Path = { readonly key: Json; readonly up: Path } | null;

export type EmitPath = (path: Path, value: Json) => boolean;
export type Value = (env: Env | null, input: Json) => Json | undefined;
export type Each = (env: Env | null, input: Json, emit: Emit) => boolean;
export type Paths = (env: Env | null, path: Path, input: Json, emit: EmitPath) => boolean;

/** A compiled filter: three ways to run the same thing. */
export interface Filter {
  /** For filters known to give at most one output: that output, or undefined. Far cheaper than callbacks. */
  readonly value: Value | null;
  /** Any number of outputs. */
  readonly each: Each;
  /** Outputs together with the path that leads to them from the input. */
  readonly paths: Paths;
}

/** A filter argument together with the scope it was written in. */
export interface Closure {
  readonly filter: Filter;
  readonly env: Env | null;
}

/** Stands in for the path of a value that was computed rather than reached. */
export const BROKEN: Path = { key: null, up: null };

/** In jq a computed value still counts as "the place itself" when it is the very same constant or container. */
function isSame(value: Json, input: Json): boolean {
  return value === input && typeof value !== 'string' && typeof value !== 'number';
}

/** Refuses to go on from a computed value; `what` says what was tried. */
export function checkPath(path: Path, value: Json, what: () => string): void {
  if (path === BROKEN) throw failure(`Invalid path expression near attempt to ${what()} ${excerpt(value)}`);
}

/** Refuses a computed value as the end of a path. */
export function checkPathEnd(path: Path, value: Json): void {
  if (path === BROKEN) throw failure(`Invalid path expression with result ${excerpt(value)}`);
}

/** The path as jq shows it: an array of keys. */
export function pathKeys(path: Path): Json[] {
  const keys: Json[] = [];
  for (let step = path; step !== null; step = step.up) keys.push(step.key);
  return keys.reverse();
}

/** Makes a filter with at most one output. */
export function single(value: Value, paths?: Paths): Filter {
  return {
    value,
    each(env, input, emit) {
      const output = value(env, input);
      return output === undefined ? false : emit(output);
    },
    paths:
      paths ??
      ((env, path, input, emit) => {
        const output = value(env, input);
        return output === undefined ? false : emit(isSame(output, input) ? path : BROKEN, output);
      }),
  };
}

/** Makes a filter with any number of outputs. */
export function many(each: Each, paths?: Paths): Filter {
  return {
    value: null,
    each,
    paths:
      paths ??
      ((env, path, input, emit) => each(env, input, (output) => emit(isSame(output, input) ? path : BROKEN, output))),
  };
}

/** Runs `use` on every output, whichever way is cheaper. */
export function forEach(filter: Filter, env: Env | null, input: Json, use: Emit): boolean {
  if (filter.value === null) return filter.each(env, input, use);
  const output = filter.value(env, input);
  return output === undefined ? false : use(output);
}

/** All outputs as a list. */
export function collect(filter: Filter, env: Env | null, input: Json): Json[] {
  const outputs: Json[] = [];
  forEach(filter, env, input, (output) => {
    tick();
    outputs.push(output);
    return false;
  });
  return outputs;
}

/** The `hops`-th scope outwards. */
export function outward(env: Env | null, hops: number): Env | null {
  let scope = env;
  for (let i = 0; i < hops; i++) scope = (scope as Env).next;
  return scope;
}
