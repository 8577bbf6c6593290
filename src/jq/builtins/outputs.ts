import { subtract } from '../arithmetic.ts';
import { failure, thrown } from '../errors.ts';
import { type Filter, forEach, many, type Path, single } from '../filter.ts';
import { compare } from '../order.ts';
import { excerpt } from '../text.ts';
import type { Json } from '../value.ts';
import type { Builtins } from './define.ts';

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
export function first(body: Filter): Filter {
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

/** How many outputs a filter has, and which of them are taken. */
export const outputs: Builtins = {
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
};
