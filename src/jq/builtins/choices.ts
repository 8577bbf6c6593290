import { children } from '../access.ts';
import { type Filter, forEach, many, single } from '../filter.ts';
import { claim, tick } from '../limits.ts';
import { isObject, type Json, put, truthy } from '../value.ts';
import type { Builtins } from './define.ts';
import { first } from './outputs.ts';

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

/** Conditions over outputs, and filters over the children of a value. */
export const choices: Builtins = {
  'select/1': ([condition]) => select(condition as Filter),
  'map/1': ([body]) => map(body as Filter),
  'map_values/1': ([body]) => mapValues(body as Filter),
  'any/2': ([source, condition]) => some(source as Filter, condition as Filter, true),
  'all/2': ([source, condition]) => some(source as Filter, condition as Filter, false),
};
