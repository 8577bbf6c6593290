import { children } from '../access.ts';
import { add, mergeInto } from '../arithmetic.ts';
import { type Env, type Filter, forEach, single } from '../filter.ts';
import { claim, tick } from '../limits.ts';
import { copyObject, isObject, type Json, type JsonObject } from '../value.ts';
import type { Builtins } from './define.ts';

function total(env: Env | null, input: Json, body: Filter | null): Json {
  let sum: Json = null;
  // Adding arrays one by one copies the sum each time; gathered in one list it stays linear.
  let items: Json[] | null = null;
  // So it is with objects: the second makes a copy that nobody else has, and the following ones are put into it.
  let mine: JsonObject | null = null;
  const addOne = (value: Json): boolean => {
    tick();
    if (Array.isArray(value) && (items !== null || sum === null)) {
      items ??= [];
      claim(8 * value.length);
      tick(value.length >>> 4);
      for (const item of value) items.push(item);
    } else if (items !== null && value !== null) sum = add(items, value);
    else if (items === null && sum !== null && isObject(sum) && isObject(value)) {
      mine = sum === mine ? mergeInto(sum, value) : mergeInto(copyObject(sum), value, 32);
      sum = mine;
    } else if (items === null) sum = add(sum, value);
    return false;
  };
  if (body !== null) forEach(body, env, input, addOne);
  else for (const value of children(input)) addOne(value);
  return items ?? sum;
}

/** Adding up. */
export const sums: Builtins = {
  'add/0': () => single((env, input) => total(env, input, null)),
  'add/1': ([body]) => single((env, input) => total(env, input, body as Filter)),
};
