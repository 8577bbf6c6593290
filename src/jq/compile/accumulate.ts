import { mergeInto, OPERATORS } from '../arithmetic.ts';
import type { Ast, BinaryOperator } from '../ast.ts';
import type { Env, Filter } from '../filter.ts';
import { claim, tick } from '../limits.ts';
import { copyObject, isObject, type Json, type JsonObject, own, put, truthy } from '../value.ts';
import type { Context } from './context.ts';

/** Gives the next state of one reduction; undefined when the update has no output. */
export type Step = (env: Env | null, state: Json) => Json | undefined;

/**
 * A quick way for updates that only add to their state: `. + [$x]`, `. += {a: $x}`, `.[$k] = $x`, `.[$k] += 1`. Done
 * plainly, each turn copies all there is. Here the first turn makes a copy that nobody else has, and the following ones
 * add to it in place. That is safe because what is added never reads `.`, so that nothing but the reduction itself
 * ever holds the state; only the outermost container is changed, and each change is whole or fails before it begins.
 *
 * Null for any other update. The answer makes the step of one reduction; `update` does what the quick way does not.
 */
export function compileAccumulation(node: Ast, update: Filter, context: Context): (() => Step) | null {
  const { value: plainly } = update;
  if (plainly === null) return null;
  const isAddition =
    (node.type === 'binary' && node.operator === '+') || (node.type === 'update' && node.operator === '+=');
  if (isAddition && node.left.type === 'identity') return compileAddition(node.right, plainly, context);
  if (node.type !== 'update' || node.operator === '|=') return null;
  const { left, right, operator } = node;
  if (left.type !== 'index' || left.target.type !== 'identity' || left.optional === true) return null;
  return readsInput(left.key) || readsInput(right) ? null : compileEntry(left.key, operator, right, plainly, context);
}

function compileAddition(right: Ast, plainly: Step, context: Context): (() => Step) | null {
  if ((right.type !== 'array' && right.type !== 'object') || readsInput(right)) return null;
  const { value: rightOf } = context.compile(right, context);
  if (rightOf === null) return null;
  return () => {
    let mine: Json = null;
    return (env, state) => {
      if (Array.isArray(state) && right.type === 'array') {
        const items = rightOf(env, state) as Json[] | undefined;
        if (items === undefined) return undefined;
        tick(items.length >>> 6);
        claim(8 * items.length);
        if (state !== mine) mine = copyArray(state);
        for (const item of items) (mine as Json[]).push(item);
        return mine;
      }
      if (isObject(state) && right.type === 'object') {
        const entries = rightOf(env, state) as JsonObject | undefined;
        if (entries === undefined) return undefined;
        const target: JsonObject = state === mine ? state : copyObjectClaimed(state);
        mine = target;
        return mergeInto(target, entries);
      }
      return plainly(env, state);
    };
  };
}

function compileEntry(place: Ast, operator: string, right: Ast, plainly: Step, context: Context): (() => Step) | null {
  const { value: keyOf } = context.compile(place, context);
  const { value: rightOf } = context.compile(right, context);
  if (keyOf === null || rightOf === null) return null;
  const change = changeBy(operator);
  return () => {
    let mine: Json = null;
    return (env, state) => {
      if (!isObject(state) && !Array.isArray(state)) return plainly(env, state);
      const value = rightOf(env, state);
      if (value === undefined) return undefined;
      const key = keyOf(env, state);
      if (key === undefined) return state;
      if (isObject(state) && typeof key === 'string') {
        const next = change(own(state, key) ?? null, value);
        claim(32);
        const target: JsonObject = state === mine ? state : copyObjectClaimed(state);
        mine = target;
        put(target, key, next);
        return target;
      }
      if (Array.isArray(state) && isPlace(key, state.length)) {
        const next = change(state[key] ?? null, value);
        if (key === state.length) claim(8);
        const target: Json[] = state === mine ? state : copyArray(state);
        mine = target;
        target[key] = next;
        return target;
      }
      return plainly(env, state);
    };
  };
}

/** An item that is there, or the one right behind the last. */
const isPlace = (key: Json, length: number): key is number =>
  typeof key === 'number' && Number.isInteger(key) && key >= 0 && key <= length;

function copyArray(items: Json[]): Json[] {
  tick(items.length >>> 6);
  claim(16 + 8 * items.length);
  return items.slice();
}

function copyObjectClaimed(object: JsonObject): JsonObject {
  const size = Object.keys(object).length;
  tick(size >>> 4);
  claim(32 + 16 * size);
  return copyObject(object);
}

/** What `=`, `+=`, `//=` and their kin make of the old value. */
export function changeBy(operator: string): (old: Json, value: Json) => Json {
  if (operator === '=') return (_old, value) => value;
  if (operator === '//=') return (old, value) => (truthy(old) ? old : value);
  return OPERATORS[operator.slice(0, -1) as BinaryOperator];
}

/** False only where an expression certainly never looks at its input: what it gives cannot be or hold the input. */
function readsInput(node: Ast): boolean {
  switch (node.type) {
    case 'literal':
    case 'variable':
      return false;
    case 'string':
      return node.parts.some((part) => typeof part !== 'string' && readsInput(part));
    case 'index':
      return readsInput(node.target) || readsInput(node.key);
    case 'array':
      return node.body !== null && readsInput(node.body);
    case 'object':
      return node.entries.some(({ key, value }) => readsInput(key) || readsInput(value));
    case 'negate':
      return readsInput(node.body);
    case 'pipe':
      // What stands behind a pipe has the output before it as its input.
      return readsInput(node.left);
    case 'binary':
    case 'comma':
    case 'and':
    case 'or':
    case 'alternative':
      return readsInput(node.left) || readsInput(node.right);
    case 'if':
      return readsInput(node.condition) || readsInput(node.yes) || node.no === null || readsInput(node.no);
    default:
      return true;
  }
}
