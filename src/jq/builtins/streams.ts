import { children, getPath } from '../access.ts';
import { add, subtract } from '../arithmetic.ts';
import { modify } from '../compile/update.ts';
import { failure, thrown } from '../errors.ts';
import {
  BROKEN,
  checkPathEnd,
  collect,
  type Env,
  type Filter,
  forEach,
  many,
  type Path,
  pathKeys,
  single,
} from '../filter.ts';
import { checkDepth, claim, tick } from '../limits.ts';
import { compare } from '../order.ts';
import { deletePaths } from '../paths.ts';
import { excerpt } from '../text.ts';
import { isObject, type Json, put, truthy } from '../value.ts';
import { type Builtins, plain } from './define.ts';

/** The `count` first outputs of a filter; stops it as soon as they are there. */
function take(body: Filter, count: number): Filter {
  return many(
    (env, input, emit) => {
      let left = count;
      let stopped = false;
      forEach(body, env, input, (output) => {
        stopped = emit(output);
        return stopped || --left <= 0;
      });
      return stopped;
    },
    (env, path, input, emit) => {
      let left = count;
      let stopped = false;
      body.paths(env, path, input, (way, output) => {
        stopped = emit(way, output);
        return stopped || --left <= 0;
      });
      return stopped;
    },
  );
}

/** Everything but the `count` first outputs. */
function drop(body: Filter, count: number): Filter {
  return many(
    (env, input, emit) => {
      let left = count;
      return forEach(body, env, input, (output) => (left-- > 0 ? false : emit(output)));
    },
    (env, path, input, emit) => {
      let left = count;
      return body.paths(env, path, input, (way, output) => (left-- > 0 ? false : emit(way, output)));
    },
  );
}

/** A filter that depends on the values of its first argument, evaluated on the same input. */
function dependent(first: Filter, make: (value: Json) => Filter): Filter {
  return many(
    (env, input, emit) => forEach(first, env, input, (value) => forEach(make(value), env, input, emit)),
    (env, path, input, emit) => forEach(first, env, input, (value) => make(value).paths(env, path, input, emit)),
  );
}

/** A number of outputs; negative for what sorts before the numbers. */
function count(value: Json): number {
  if (typeof value === 'number') return value;
  if (compare(value, 0) < 0) return -1;
  // jq counts down from it.
  subtract(value, 1);
  return -1;
}

const EMPTY: Filter = {
  value: () => undefined,
  each: () => false,
  paths: () => false,
};

/** `first(body)` keeps the one-output way open for its caller. */
function first(body: Filter): Filter {
  const taken = take(body, 1);
  if (body.value !== null) return body;
  return single((env, input) => {
    let found: Json | undefined;
    body.each(env, input, (output) => {
      found = output;
      return true;
    });
    return found;
  }, taken.paths);
}

function last(body: Filter): Filter {
  if (body.value !== null) return body;
  return single(
    (env, input) => {
      let found: Json | undefined;
      body.each(env, input, (output) => {
        found = output;
        return false;
      });
      return found;
    },
    (env, path, input, emit) => {
      let found: { path: Path; value: Json } | undefined;
      body.paths(env, path, input, (way, value) => {
        found = { path: way, value };
        return false;
      });
      return found === undefined ? false : emit(found.path, found.value);
    },
  );
}

/** True as soon as `condition` is `wanted` for some output of `source`. */
function some(source: Filter, condition: Filter, wanted: boolean): Filter {
  return single((env, input) => {
    let found = false;
    forEach(source, env, input, (item) =>
      forEach(condition, env, item, (test) => {
        tick();
        found ||= truthy(test) === wanted;
        return found;
      }),
    );
    return found === wanted;
  });
}

function select(condition: Filter): Filter {
  const paths: Filter['paths'] = (env, path, input, emit) =>
    forEach(condition, env, input, (test) => (truthy(test) ? emit(path, input) : false));
  const { value: test } = condition;
  if (test === null) {
    return many((env, input, emit) => condition.each(env, input, (hit) => (truthy(hit) ? emit(input) : false)), paths);
  }
  return single((env, input) => {
    const hit = test(env, input);
    return hit !== undefined && truthy(hit) ? input : undefined;
  }, paths);
}

function map(body: Filter): Filter {
  return single((env, input) => {
    const mapped: Json[] = [];
    claim(16);
    for (const item of children(input)) {
      tick();
      if (body.value !== null) {
        const output = body.value(env, item);
        if (output === undefined) continue;
        claim(8);
        mapped.push(output);
      } else {
        body.each(env, item, (output) => {
          claim(8);
          mapped.push(output);
          return false;
        });
      }
    }
    return mapped;
  });
}

/** `map_values(f)`: the first output for each child; a child without one goes. */
function mapValues(body: Filter): Filter {
  const firstOf = first(body).value as NonNullable<Filter['value']>;
  return single((env, input) => {
    if (Array.isArray(input)) {
      claim(16 + 8 * input.length);
      const mapped: Json[] = [];
      for (const item of input) {
        tick();
        const output = firstOf(env, item);
        if (output !== undefined) mapped.push(output);
      }
      return mapped;
    }
    if (!isObject(input)) return children(input);
    const mapped: { [key: string]: Json } = {};
    for (const key of Object.keys(input)) {
      tick();
      claim(32);
      const output = firstOf(env, input[key] as Json);
      if (output !== undefined) put(mapped, key, output);
    }
    return mapped;
  });
}

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

/** Calls `emit` with the numbers from `start` on while they are before `end`. */
function countUp(start: number, end: number, emit: (value: Json) => boolean): boolean {
  for (let i = start; i < end; i++) {
    tick();
    if (emit(i)) return true;
  }
  return false;
}

function range(from: Filter, to: Filter): Filter {
  const check = (value: Json): number => {
    if (typeof value !== 'number') throw failure('Range bounds must be numeric');
    return value;
  };
  return many((env, input, emit) =>
    forEach(from, env, input, (start) => forEach(to, env, input, (end) => countUp(check(start), check(end), emit))),
  );
}

/** `range(from; to; by)` for anything that can be compared and added to; a step of zero gives nothing. */
function steps(start: Json, end: Json, by: Json, emit: (value: Json) => boolean): boolean {
  const direction = compare(by, 0);
  if (direction === 0) return false;
  let value = start;
  while (direction > 0 ? compare(value, end) < 0 : compare(value, end) > 0) {
    if (emit(value)) return true;
    value = add(value, by);
  }
  return false;
}

function rangeBy(from: Filter, to: Filter, by: Filter): Filter {
  return many((env, input, emit) =>
    forEach(from, env, input, (start) =>
      forEach(to, env, input, (end) => forEach(by, env, input, (step) => steps(start, end, step, emit))),
    ),
  );
}

const ZERO = single(() => 0);

/** `path(body)`: each path as an array. */
function pathsOf(body: Filter): Filter {
  return many((env, input, emit) =>
    body.paths(env, null, input, (path, value) => {
      tick();
      checkPathEnd(path, value);
      const keys = pathKeys(path);
      claim(16 + 8 * keys.length);
      return emit(keys);
    }),
  );
}

/** `getpath(p)`, which may itself be part of a path. */
function getPathFilter(where: Filter): Filter {
  const keysOf = (value: Json): Json[] => {
    if (Array.isArray(value)) return value;
    throw failure('Path must be specified as an array');
  };
  const paths: Filter['paths'] = (env, path, input, emit) =>
    forEach(where, env, input, (value) => {
      if (path === BROKEN) throw failure(`Invalid path expression with result ${excerpt(input)}`);
      const keys = keysOf(value);
      let way = path;
      for (const key of keys) way = { key, up: way };
      return emit(way, getPath(input, keys));
    });
  const { value: whereOf } = where;
  if (whereOf === null) {
    return many((env, input, emit) => where.each(env, input, (keys) => emit(getPath(input, keysOf(keys)))), paths);
  }
  return single((env, input) => {
    const keys = whereOf(env, input);
    return keys === undefined ? undefined : getPath(input, keysOf(keys));
  }, paths);
}

function total(env: Env | null, input: Json, body: Filter | null): Json {
  let sum: Json = null;
  // Adding arrays one by one copies the sum each time; gathered in one list it stays linear.
  let items: Json[] | null = null;
  const addOne = (value: Json): boolean => {
    tick();
    if (Array.isArray(value) && (items !== null || sum === null)) {
      items ??= [];
      claim(8 * value.length);
      tick(value.length >>> 4);
      for (const item of value) items.push(item);
    } else if (items !== null && value !== null) sum = add(items, value);
    else if (items === null) sum = add(sum, value);
    return false;
  };
  if (body !== null) forEach(body, env, input, addOne);
  else for (const value of children(input)) addOne(value);
  return items ?? sum;
}

export const streams: Builtins = {
  'empty/0': () => EMPTY,
  'error/0': () =>
    single((_env, input) => {
      throw thrown(input, excerpt);
    }),
  'error/1': ([message]) =>
    many((env, input) =>
      forEach(message as Filter, env, input, (value) => {
        throw thrown(value, excerpt);
      }),
    ),
  'select/1': ([condition]) => select(condition as Filter),
  'map/1': ([body]) => map(body as Filter),
  'map_values/1': ([body]) => mapValues(body as Filter),
  'recurse/1': ([step]) => recurse(step as Filter),
  'while/2': ([condition, update]) => whileTrue(condition as Filter, update as Filter),
  'until/2': ([condition, update]) => until(condition as Filter, update as Filter),
  'repeat/1': ([body]) => repeat(body as Filter),
  'range/1': ([to]) => range(ZERO, to as Filter),
  'range/2': ([from, to]) => range(from as Filter, to as Filter),
  'range/3': ([from, to, by]) => rangeBy(from as Filter, to as Filter, by as Filter),
  'limit/2': ([n, body]) =>
    dependent(n as Filter, (value) => {
      const most = count(value);
      if (most < 0) throw failure("limit doesn't support negative count");
      return most > 0 ? take(body as Filter, most) : EMPTY;
    }),
  'skip/2': ([n, body]) =>
    dependent(n as Filter, (value) => {
      const least = count(value);
      if (least < 0) throw failure("skip doesn't support negative count");
      return least > 0 ? drop(body as Filter, least) : (body as Filter);
    }),
  'first/1': ([body]) => first(body as Filter),
  'last/1': ([body]) => last(body as Filter),
  'nth/2': ([n, body]) =>
    dependent(n as Filter, (value) => {
      const at = count(value);
      if (at < 0) throw failure("nth doesn't support negative indices");
      return first(drop(body as Filter, at));
    }),
  'isempty/1': ([body]) =>
    single((env, input) => {
      let empty = true;
      forEach(body as Filter, env, input, () => {
        empty = false;
        return true;
      });
      return empty;
    }),
  'any/2': ([source, condition]) => some(source as Filter, condition as Filter, true),
  'all/2': ([source, condition]) => some(source as Filter, condition as Filter, false),
  'path/1': ([body]) => pathsOf(body as Filter),
  'getpath/1': ([where]) => getPathFilter(where as Filter),
  'del/1': ([body]) => single((env, input) => deletePaths(input, collect(pathsOf(body as Filter), env, input))),
  'delpaths/1': plain((input, paths) => {
    if (!Array.isArray(paths)) throw failure('Paths must be specified as an array');
    return deletePaths(input, paths);
  }),
  '_modify/2': ([target, update]) => modify(target as Filter, update as Filter),
  'add/0': () => single((env, input) => total(env, input, null)),
  'add/1': ([body]) => single((env, input) => total(env, input, body as Filter)),
};
