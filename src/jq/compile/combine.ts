import { type Filter, forEach, many, single } from '../filter.ts';
import { tick } from '../limits.ts';
import type { Json } from '../value.ts';

/** A function of two values over two filters. */
export function binary(apply: (a: Json, b: Json) => Json, left: Filter, right: Filter): Filter {
  const { value: leftOf } = left;
  const { value: rightOf } = right;
  if (leftOf !== null && rightOf !== null) {
    return single((env, input) => {
      const b = rightOf(env, input);
      if (b === undefined) return undefined;
      const a = leftOf(env, input);
      return a === undefined ? undefined : apply(a, b);
    });
  }
  return many((env, input, emit) =>
    forEach(right, env, input, (b) =>
      forEach(left, env, input, (a) => {
        tick();
        return emit(apply(a, b));
      }),
    ),
  );
}
