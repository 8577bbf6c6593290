import { getPath } from '../access.ts';
import { modify } from '../compile/update.ts';
import { failure } from '../errors.ts';
import { BROKEN, checkPathEnd, collect, type Filter, forEach, many, pathKeys, single } from '../filter.ts';
import { claim, tick } from '../limits.ts';
import { deletePaths } from '../paths.ts';
import { excerpt } from '../text.ts';
import type { Json } from '../value.ts';
import { type Builtins, plain } from './define.ts';

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

/** Paths as values, and what is done at them. */
export const pathFilters: Builtins = {
  'path/1': ([body]) => pathsOf(body as Filter),
  'getpath/1': ([where]) => getPathFilter(where as Filter),
  'del/1': ([body]) => single((env, input) => deletePaths(input, collect(pathsOf(body as Filter), env, input))),
  'delpaths/1': plain((input, paths) => {
    if (!Array.isArray(paths)) throw failure('Paths must be specified as an array');
    return deletePaths(input, paths);
  }),
  '_modify/2': ([target, update]) => modify(target as Filter, update as Filter),
};
