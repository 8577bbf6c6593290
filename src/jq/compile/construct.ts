import type { Ast } from '../ast.ts';
import { formatter } from '../builtins/formats.ts';
import { failure } from '../errors.ts';
import { type Env, type Filter, forEach, many, single } from '../filter.ts';
import { checkLength, claim, tick } from '../limits.ts';
import { excerpt } from '../text.ts';
import { copyObject, type Json, type JsonObject, put, typeName } from '../value.ts';
import type { Context } from './context.ts';

/** A constant. */
export function literal(value: Json): Filter {
  return single(() => value);
}

/** `@name` alone: formats its input. */
export function compileFormat(node: Ast & { type: 'format' }): Filter {
  const { name } = node;
  return single((_env, input) => formatter(name)(input));
}

/** A string with `\( … )` parts, each put through the format before the string, if any. */
export function compileString(node: Ast & { type: 'string' }, context: Context): Filter {
  const format = formatter(node.format ?? 'text');
  const parts = node.parts.map((part) => (typeof part === 'string' ? part : context.compile(part, context)));
  const values = parts.map((part) => (typeof part === 'string' ? null : part.value));
  if (parts.every((part, i) => typeof part === 'string' || values[i] !== null)) {
    return single((env, input) => {
      let text = '';
      // Last part first, as in jq, so that the same error wins; then joined in order.
      const texts: string[] = [];
      for (let i = parts.length - 1; i >= 0; i--) {
        const part = parts[i] as string | Filter;
        if (typeof part === 'string') {
          texts.push(part);
          continue;
        }
        const output = (part.value as NonNullable<Filter['value']>)(env, input);
        if (output === undefined) return undefined;
        texts.push(format(output));
      }
      for (let i = texts.length - 1; i >= 0; i--) text += texts[i];
      checkLength(text.length);
      claim(text.length);
      return text;
    });
  }
  return many((env, input, emit) => {
    const build = (last: number, tail: string): boolean => {
      if (last < 0) {
        checkLength(tail.length);
        claim(tail.length);
        return emit(tail);
      }
      const part = parts[last] as string | Filter;
      if (typeof part === 'string') return build(last - 1, part + tail);
      return forEach(part, env, input, (output) => build(last - 1, format(output) + tail));
    };
    return build(parts.length - 1, '');
  });
}

/** `[ … ]` */
export function compileArray(node: Ast & { type: 'array' }, context: Context): Filter {
  if (node.body === null) return single(() => []);
  const body = context.compile(node.body, context);
  return single((env, input) => {
    const items: Json[] = [];
    claim(16);
    forEach(body, env, input, (output) => {
      tick();
      claim(8);
      items.push(output);
      return false;
    });
    return items;
  });
}

function checkKey(key: Json): string {
  if (typeof key === 'string') return key;
  throw failure(`Cannot use ${typeName(key)} (${excerpt(key)}) as object key`);
}

/** `{ … }`: one object for each combination of keys and values, the first entry being the outermost loop. */
export function compileObject(node: Ast & { type: 'object' }, context: Context): Filter {
  const entries = node.entries.map(({ key, value }) => ({
    key: context.compile(key, context),
    value: context.compile(value, context),
  }));
  if (entries.every(({ key, value }) => key.value !== null && value.value !== null)) return objectOfSingles(entries);
  return many((env, input, emit) => {
    const build = (at: number, object: JsonObject): boolean => {
      const entry = entries[at];
      if (entry === undefined) return emit(object);
      return forEach(entry.key, env, input, (key) =>
        forEach(entry.value, env, input, (value) => {
          tick();
          // Only now: a value without outputs hides a bad key in jq.
          const name = checkKey(key);
          claim(32 + 16 * at);
          const copy = copyObject(object);
          put(copy, name, value);
          return build(at + 1, copy);
        }),
      );
    };
    return build(0, {});
  });
}

function objectOfSingles(entries: { key: Filter; value: Filter }[]): Filter {
  const pairs = entries.map(({ key, value }) => ({
    key: key.value as (env: Env | null, input: Json) => Json | undefined,
    value: value.value as (env: Env | null, input: Json) => Json | undefined,
  }));
  const size = 32 + 16 * pairs.length;
  return single((env, input) => {
    claim(size);
    const object: JsonObject = {};
    for (const pair of pairs) {
      const key = pair.key(env, input);
      if (key === undefined) return undefined;
      const value = pair.value(env, input);
      if (value === undefined) return undefined;
      put(object, checkKey(key), value);
    }
    return object;
  });
}
