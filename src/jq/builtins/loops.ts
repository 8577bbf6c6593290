import { type Env, type Filter, forEach, many, single } from '../filter.ts';
import { checkDepth, tick } from '../limits.ts';
import { type Json, truthy } from '../value.ts';
import type { Builtins } from './define.ts';

/** `recurse(f)`: the input, then the same for each output of f. One-output steps loop instead of recursing. */
function recurse(step: Filter): Filter {
  const { value: next } = step;
  const descend = (env: Env | null, input: Json, depth: number, emit: (value: Json) => boolean): boolean => {
    tick();
    if (emit(input)) return true;
    checkDepth(depth);
    return step.each(env, input, (child) => descend(env, child, depth + 1, emit));
  };
  const descendPaths: (...args: [...Parameters<Filter['paths']>, number]) => boolean = (
    env,
    path,
    input,
    emit,
    depth,
  ) => {
    tick();
    if (emit(path, input)) return true;
    checkDepth(depth);
    return step.paths(env, path, input, (way, child) => descendPaths(env, way, child, emit, depth + 1));
  };
  return many(
    (env, input, emit) => {
      if (next === null) return descend(env, input, 0, emit);
      let value: Json | undefined = input;
      while (value !== undefined) {
        tick();
        if (emit(value)) return true;
        value = next(env, value);
      }
      return false;
    },
    (env, path, input, emit) => descendPaths(env, path, input, emit, 0),
  );
}

/** `while(condition; update)` and, inverted, `until`. */
function whileTrue(condition: Filter, update: Filter): Filter {
  const { value: test } = condition;
  const { value: next } = update;
  const loop = (env: Env | null, input: Json, depth: number, emit: (value: Json) => boolean): boolean => {
    checkDepth(depth);
    return forEach(condition, env, input, (hit) => {
      tick();
      if (!truthy(hit)) return false;
      return emit(input) || forEach(update, env, input, (value) => loop(env, value, depth + 1, emit));
    });
  };
  const loopPaths: (...args: [...Parameters<Filter['paths']>, number]) => boolean = (env, path, input, emit, depth) => {
    checkDepth(depth);
    return forEach(condition, env, input, (hit) => {
      tick();
      if (!truthy(hit)) return false;
      return emit(path, input) || update.paths(env, path, input, (way, v) => loopPaths(env, way, v, emit, depth + 1));
    });
  };
  return many(
    (env, input, emit) => {
      if (test === null || next === null) return loop(env, input, 0, emit);
      let value: Json | undefined = input;
      while (value !== undefined) {
        tick();
        const hit = test(env, value);
        if (hit === undefined || !truthy(hit)) return false;
        if (emit(value)) return true;
        value = next(env, value);
      }
      return false;
    },
    (env, path, input, emit) => loopPaths(env, path, input, emit, 0),
  );
}

/** `repeat(f)`: the outputs of f on the same input, again and again. */
function repeat(body: Filter): Filter {
  const forever = (once: () => boolean): boolean => {
    for (;;) {
      tick();
      if (once()) return true;
    }
  };
  return many(
    (env, input, emit) => forever(() => forEach(body, env, input, emit)),
    (env, path, input, emit) => forever(() => body.paths(env, path, input, emit)),
  );
}

function until(condition: Filter, update: Filter): Filter {
  const { value: test } = condition;
  const { value: next } = update;
  const loopPaths: (...args: [...Parameters<Filter['paths']>, number]) => boolean = (env, path, input, emit, depth) => {
    checkDepth(depth);
    return forEach(condition, env, input, (hit) => {
      tick();
      if (truthy(hit)) return emit(path, input);
      return update.paths(env, path, input, (way, value) => loopPaths(env, way, value, emit, depth + 1));
    });
  };
  const paths: Filter['paths'] = (env, path, input, emit) => loopPaths(env, path, input, emit, 0);
  if (test !== null && next !== null) {
    return single((env, input) => {
      let value: Json | undefined = input;
      while (value !== undefined) {
        tick();
        const hit = test(env, value);
        if (hit === undefined) return undefined;
        if (truthy(hit)) return value;
        value = next(env, value);
      }
      return undefined;
    }, paths);
  }
  const loop = (env: Env | null, input: Json, depth: number, emit: (value: Json) => boolean): boolean => {
    checkDepth(depth);
    return forEach(condition, env, input, (hit) => {
      tick();
      if (truthy(hit)) return emit(input);
      return forEach(update, env, input, (value) => loop(env, value, depth + 1, emit));
    });
  };
  return many((env, input, emit) => loop(env, input, 0, emit), paths);
}

/** Filters applied to their own outputs. */
export const loops: Builtins = {
  'recurse/1': ([step]) => recurse(step as Filter),
  'while/2': ([condition, update]) => whileTrue(condition as Filter, update as Filter),
  'until/2': ([condition, update]) => until(condition as Filter, update as Filter),
  'repeat/1': ([body]) => repeat(body as Filter),
};
