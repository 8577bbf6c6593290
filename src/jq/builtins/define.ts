import type { Ast } from '../ast.ts';
import type { Context } from '../compile/context.ts';
import { type Filter, forEach, many, single } from '../filter.ts';
import { tick } from '../limits.ts';
import type { Json } from '../value.ts';

/** Makes the filter for one call of a built-in from its compiled arguments. */
export type Builtin = (args: readonly Filter[], nodes: readonly Ast[], context: Context) => Filter;

/** Built-ins under `name/arguments`. */
export type Builtins = Record<string, Builtin>;

type Apply = (input: Json, ...args: Json[]) => Json | undefined;

/**
 * A built-in that is a plain function of its input and the values of its arguments. With several outputs in the
 * arguments, jq's C functions take the last argument as the outer loop, its jq-defined ones (`firstOuter`) the first.
 */
export function plain(apply: Apply, firstOuter = false): Builtin {
  return (args) => {
    const [a, b] = args;
    if (a === undefined) return single((_env, input) => apply(input));
    const { value: aOf } = a;
    if (args.length === 1 && aOf !== null) {
      return single((env, input) => {
        const x = aOf(env, input);
        return x === undefined ? undefined : apply(input, x);
      });
    }
    const bOf = b?.value ?? null;
    if (args.length === 2 && aOf !== null && bOf !== null) {
      return single((env, input) => {
        const y = bOf(env, input);
        const x = y === undefined ? undefined : aOf(env, input);
        return x === undefined ? undefined : apply(input, x, y as Json);
      });
    }
    const order = args.map((_, i) => (firstOuter ? i : args.length - 1 - i));
    return many((env, input, emit) => {
      const values: Json[] = [];
      const loop = (depth: number): boolean => {
        const at = order[depth];
        if (at === undefined) {
          tick();
          const output = apply(input, ...values);
          return output === undefined ? false : emit(output);
        }
        return forEach(args[at] as Filter, env, input, (value) => {
          values[at] = value;
          return loop(depth + 1);
        });
      };
      return loop(0);
    });
  };
}

/** Registers the same kind of function under several names. */
export function plainAll(functions: Record<string, Apply>, firstOuter = false): Builtins {
  return Object.fromEntries(Object.entries(functions).map(([name, apply]) => [name, plain(apply, firstOuter)]));
}
