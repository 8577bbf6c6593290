import { changePath, getPath } from '../access.ts';
import type { Ast } from '../ast.ts';
import { checkPathEnd, type Env, type Filter, forEach, many, pathKeys, single } from '../filter.ts';
import { claim, tick } from '../limits.ts';
import { deletePaths } from '../paths.ts';
import type { Json } from '../value.ts';
import { changeBy } from './accumulate.ts';
import type { Context } from './context.ts';

/** `left = right`, `left |= right`, `left += right` and their kin. */
export function compileUpdate(node: Ast & { type: 'update' }, context: Context): Filter {
  const target = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  if (node.operator === '|=') return modify(target, right);
  const change = changeBy(node.operator);
  const apply = (env: Env | null, input: Json, value: Json): Json => {
    let result = input;
    target.paths(env, null, input, (path, reached) => {
      tick();
      checkPathEnd(path, reached);
      result = changePath(result, pathKeys(path), (old) => change(old, value));
      return false;
    });
    return result;
  };
  const { value: rightOf } = right;
  if (rightOf !== null) {
    return single((env, input) => {
      const value = rightOf(env, input);
      return value === undefined ? undefined : apply(env, input, value);
    });
  }
  return many((env, input, emit) => right.each(env, input, (value) => emit(apply(env, input, value))));
}

/** `target |= update`: the first output replaces the old value; without one the place is deleted. */
export function modify(target: Filter, update: Filter): Filter {
  return single((env, input) => {
    let result = input;
    const gone: Json[][] = [];
    target.paths(env, null, input, (path, reached) => {
      tick();
      checkPathEnd(path, reached);
      const keys = pathKeys(path);
      let output: Json | undefined;
      forEach(update, env, getPath(result, keys), (value) => {
        output = value;
        return true;
      });
      if (output === undefined) {
        claim(8 * keys.length);
        gone.push(keys);
      } else {
        const value = output;
        result = changePath(result, keys, () => value);
      }
      return false;
    });
    return gone.length === 0 ? result : deletePaths(result, gone);
  });
}
