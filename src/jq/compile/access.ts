import { children, field, index, slice } from '../access.ts';
import type { Ast } from '../ast.ts';
import { JqError } from '../errors.ts';
import {
  BROKEN,
  checkPath,
  type Emit,
  type EmitPath,
  type Filter,
  forEach,
  many,
  type Path,
  type Paths,
  single,
} from '../filter.ts';
import { checkDepth, tick } from '../limits.ts';
import { excerpt } from '../text.ts';
import { isObject, type Json, type JsonObject } from '../value.ts';
import { binary } from './combine.ts';
import type { Context } from './context.ts';

/** `.` */
export const IDENTITY: Filter = {
  value: (_env, input) => input,
  each: (_env, input, emit) => emit(input),
  paths: (_env, path, input, emit) => emit(path, input),
};

/** Runs one step; with `?` an error in it gives nothing. The target's own errors are not its business. */
function stepper(
  step: (value: Json, key: Json) => Json,
  optional: boolean,
): (value: Json, key: Json) => Json | undefined {
  if (!optional) return step;
  return (value, key) => {
    try {
      return step(value, key);
    } catch (error) {
      if (error instanceof JqError) return undefined;
      throw error;
    }
  };
}

/** Hands on an output unless there is none. */
function emitIf(emit: Emit, value: Json | undefined): boolean {
  return value === undefined ? false : emit(value);
}

/** The paths of a step: its key is put before whatever leads to the target. */
function stepPaths(
  keys: Filter,
  target: Filter,
  step: (value: Json, key: Json) => Json | undefined,
  optional: boolean,
): Paths {
  return (env, path, input, emit) =>
    forEach(keys, env, input, (key) =>
      target.paths(env, path, input, (way, value) => {
        if (optional && way === BROKEN) return false;
        checkPath(way, value, () => `access element ${excerpt(key)} of`);
        const child = step(value, key);
        return child === undefined ? false : emit({ key, up: way }, child);
      }),
    );
}

/** `.key`, `.[key]` with a target before it. The key is the outer loop, as in jq. */
export function compileIndex(node: Ast & { type: 'index' }, context: Context): Filter {
  const target = context.compile(node.target, context);
  const optional = node.optional === true;
  if (node.key.type === 'literal' && typeof node.key.value === 'string') {
    return fieldOf(target, node.key.value, optional);
  }
  return keyedStep(context.compile(node.key, context), target, index, optional);
}

/** `.[key]` and `.[from:to]`, whose key is an object of the two. */
function keyedStep(key: Filter, target: Filter, apply: (value: Json, key: Json) => Json, optional: boolean): Filter {
  const step = stepper(apply, optional);
  const paths = stepPaths(key, target, step, optional);
  const { value: keyOf } = key;
  const { value: targetOf } = target;
  if (keyOf !== null && targetOf !== null) {
    return single((env, input) => {
      const at = keyOf(env, input);
      if (at === undefined) return undefined;
      const value = targetOf(env, input);
      return value === undefined ? undefined : step(value, at);
    }, paths);
  }
  return many(
    (env, input, emit) =>
      forEach(key, env, input, (at) => forEach(target, env, input, (value) => emitIf(emit, step(value, at)))),
    paths,
  );
}

function optionalField(value: Json, name: string): Json | undefined {
  return value === null || isObject(value) ? field(value, name) : undefined;
}

function fieldOf(target: Filter, name: string, optional: boolean): Filter {
  const step: (value: Json, name: string) => Json | undefined = optional ? optionalField : field;
  const paths = stepPaths(
    single(() => name),
    target,
    (value) => step(value, name),
    optional,
  );
  const { value: targetOf } = target;
  if (target === IDENTITY) {
    return optional
      ? single((_env, input) => optionalField(input, name), paths)
      : single((_env, input) => field(input, name), paths);
  }
  if (targetOf === null) {
    return many((env, input, emit) => target.each(env, input, (value) => emitIf(emit, step(value, name))), paths);
  }
  return single((env, input) => {
    const value = targetOf(env, input);
    return value === undefined ? undefined : step(value, name);
  }, paths);
}

const NULL: Filter = single(() => null);

/** `.[from:to]` */
export function compileSlice(node: Ast & { type: 'slice' }, context: Context): Filter {
  const target = context.compile(node.target, context);
  const from = node.from === null ? NULL : context.compile(node.from, context);
  const to = node.to === null ? NULL : context.compile(node.to, context);
  // The start is the outer loop: `binary` runs its right side first.
  const bounds = binary((end, start) => ({ start, end }), to, from);
  const apply = (value: Json, key: Json) =>
    slice(value, (key as JsonObject).start as Json, (key as JsonObject).end as Json);
  return keyedStep(bounds, target, apply, node.optional === true);
}

/** Runs `use` on every child with its key. */
function eachChild(value: Json, use: (key: Json, child: Json) => boolean): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      tick();
      if (use(i, value[i] as Json)) return true;
    }
    return false;
  }
  if (!isObject(value)) return children(value).length > 0;
  for (const key of Object.keys(value)) {
    tick();
    if (use(key, value[key] as Json)) return true;
  }
  return false;
}

/** `.[]` */
export function compileIterate(node: Ast & { type: 'iterate' }, context: Context): Filter {
  const target = context.compile(node.target, context);
  const optional = node.optional === true;
  const skips = (value: Json) => optional && (value === null || typeof value !== 'object');
  return many(
    (env, input, emit) =>
      forEach(target, env, input, (value) => {
        if (skips(value)) return false;
        const items = children(value);
        for (let i = 0; i < items.length; i++) {
          tick();
          if (emit(items[i] as Json)) return true;
        }
        return false;
      }),
    (env, path, input, emit) =>
      target.paths(env, path, input, (way, value) => {
        if (skips(value)) return false;
        checkPath(way, value, () => 'iterate through');
        return eachChild(value, (key, child) => emit({ key, up: way }, child));
      }),
  );
}

function descend(value: Json, depth: number, emit: (value: Json) => boolean): boolean {
  tick();
  if (emit(value)) return true;
  if (value === null || typeof value !== 'object') return false;
  checkDepth(depth);
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    if (descend(child, depth + 1, emit)) return true;
  }
  return false;
}

function descendPaths(path: Path, value: Json, depth: number, emit: EmitPath): boolean {
  tick();
  if (emit(path, value)) return true;
  if (value === null || typeof value !== 'object') return false;
  checkDepth(depth);
  return eachChild(value, (key, child) => descendPaths({ key, up: path }, child, depth + 1, emit));
}

/** `..`: the value and everything below it, outside in. */
export const RECURSE: Filter = many(
  (_env, input, emit) => descend(input, 0, emit),
  (_env, path, input, emit) => {
    if (typeof input === 'object' && input !== null) checkPath(path, input, () => 'iterate through');
    return descendPaths(path, input, 0, emit);
  },
);
