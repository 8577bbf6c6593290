import { children, field, index, slice } from '../access.ts';
import type { Ast } from '../ast.ts';
import {
  checkPath,
  type Each,
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
import { isObject, type Json } from '../value.ts';
import type { Context } from './context.ts';

/** `.` */
export const IDENTITY: Filter = {
  value: (_env, input) => input,
  each: (_env, input, emit) => emit(input),
  paths: (_env, path, input, emit) => emit(path, input),
};

/** `.key`, `.[key]` with a target before it. The key is the outer loop, as in jq. */
export function compileIndex(node: Ast & { type: 'index' }, context: Context): Filter {
  const target = context.compile(node.target, context);
  if (node.key.type === 'literal' && typeof node.key.value === 'string') return fieldOf(target, node.key.value);
  const key = context.compile(node.key, context);
  const step = (path: Path, value: Json, at: Json, emit: EmitPath) => {
    checkPath(path, value, () => `access element ${excerpt(at)} of`);
    return emit({ key: at, up: path }, index(value, at));
  };
  const paths: Paths = (env, path, input, emit) =>
    forEach(key, env, input, (at) => target.paths(env, path, input, (way, value) => step(way, value, at, emit)));
  const { value: keyOf } = key;
  const { value: targetOf } = target;
  if (keyOf !== null && targetOf !== null) {
    return single((env, input) => {
      const at = keyOf(env, input);
      if (at === undefined) return undefined;
      const value = targetOf(env, input);
      return value === undefined ? undefined : index(value, at);
    }, paths);
  }
  return many(
    (env, input, emit) =>
      forEach(key, env, input, (at) => forEach(target, env, input, (value) => emit(index(value, at)))),
    paths,
  );
}

function fieldOf(target: Filter, name: string): Filter {
  const paths: Paths = (env, path, input, emit) =>
    target.paths(env, path, input, (way, value) => {
      checkPath(way, value, () => `access element ${excerpt(name)} of`);
      return emit({ key: name, up: way }, field(value, name));
    });
  const { value: targetOf } = target;
  if (target === IDENTITY) return single((_env, input) => field(input, name), paths);
  if (targetOf === null) return many((env, input, emit) => target.each(env, input, (v) => emit(field(v, name))), paths);
  return single((env, input) => {
    const value = targetOf(env, input);
    return value === undefined ? undefined : field(value, name);
  }, paths);
}

const NULL: Filter = single(() => null);

/** `.[from:to]` */
export function compileSlice(node: Ast & { type: 'slice' }, context: Context): Filter {
  const target = context.compile(node.target, context);
  const from = node.from === null ? NULL : context.compile(node.from, context);
  const to = node.to === null ? NULL : context.compile(node.to, context);
  const paths: Paths = (env, path, input, emit) =>
    forEach(to, env, input, (end) =>
      forEach(from, env, input, (start) =>
        target.paths(env, path, input, (way, value) => {
          const key = { start, end };
          checkPath(way, value, () => `access element ${excerpt(key)} of`);
          return emit({ key, up: way }, slice(value, start, end));
        }),
      ),
    );
  const each: Each = (env, input, emit) =>
    forEach(to, env, input, (end) =>
      forEach(from, env, input, (start) => forEach(target, env, input, (value) => emit(slice(value, start, end)))),
    );
  const { value: targetOf } = target;
  const { value: fromOf } = from;
  const { value: toOf } = to;
  if (targetOf === null || fromOf === null || toOf === null) return many(each, paths);
  return single((env, input) => {
    const end = toOf(env, input);
    const start = end === undefined ? undefined : fromOf(env, input);
    const value = start === undefined ? undefined : targetOf(env, input);
    return value === undefined ? undefined : slice(value, start as Json, end as Json);
  }, paths);
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
  return many(
    (env, input, emit) =>
      forEach(target, env, input, (value) => {
        const items = children(value);
        for (let i = 0; i < items.length; i++) {
          tick();
          if (emit(items[i] as Json)) return true;
        }
        return false;
      }),
    (env, path, input, emit) =>
      target.paths(env, path, input, (way, value) => {
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

/** `.name?` without raising and catching an error for every value that has no names. */
export function compileOptionalField(target: Filter, name: string, plain: Filter): Filter | null {
  if (target !== IDENTITY) return null;
  return single(
    (_env, input) => {
      if (input === null) return null;
      return isObject(input) ? field(input, name) : undefined;
    },
    (_env, path, input, emit) => (input === null || isObject(input) ? plain.paths(_env, path, input, emit) : false),
  );
}

/** `.[]?` in the same way. */
export function optionalIterate(plain: Filter): Filter {
  return many(
    (env, input, emit) => (input !== null && typeof input === 'object' ? plain.each(env, input, emit) : false),
    (env, path, input, emit) =>
      input !== null && typeof input === 'object' ? plain.paths(env, path, input, emit) : false,
  );
}
