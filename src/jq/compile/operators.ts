import { negate, OPERATORS } from '../arithmetic.ts';
import type { Ast } from '../ast.ts';
import { type Filter, forEach, many, single } from '../filter.ts';
import { tick } from '../limits.ts';
import { truthy } from '../value.ts';
import { IDENTITY } from './access.ts';
import { binary } from './combine.ts';
import type { Context } from './context.ts';

/** `left | right` */
export function compilePipe(node: Ast & { type: 'pipe' }, context: Context): Filter {
  return pipe(context.compile(node.left, context), context.compile(node.right, context));
}

/** Joins two compiled filters. */
export function pipe(left: Filter, right: Filter): Filter {
  if (left === IDENTITY) return right;
  if (right === IDENTITY) return left;
  const paths: Filter['paths'] = (env, path, input, emit) =>
    left.paths(env, path, input, (way, value) => right.paths(env, way, value, emit));
  const { value: leftOf } = left;
  const { value: rightOf } = right;
  if (leftOf !== null && rightOf !== null) {
    return single((env, input) => {
      const value = leftOf(env, input);
      return value === undefined ? undefined : rightOf(env, value);
    }, paths);
  }
  if (leftOf !== null) {
    return many((env, input, emit) => {
      const value = leftOf(env, input);
      return value === undefined ? false : right.each(env, value, emit);
    }, paths);
  }
  return many((env, input, emit) => left.each(env, input, (value) => forEach(right, env, value, emit)), paths);
}

/** `left, right` */
export function compileComma(node: Ast & { type: 'comma' }, context: Context): Filter {
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  return many(
    (env, input, emit) => {
      tick();
      return forEach(left, env, input, emit) || forEach(right, env, input, emit);
    },
    (env, path, input, emit) => {
      tick();
      return left.paths(env, path, input, emit) || right.paths(env, path, input, emit);
    },
  );
}

/** Arithmetic and comparison. The right side is the outer loop and runs first, as in jq. */
export function compileBinary(node: Ast & { type: 'binary' }, context: Context): Filter {
  return binary(OPERATORS[node.operator], context.compile(node.left, context), context.compile(node.right, context));
}

/** `-body` */
export function compileNegate(node: Ast & { type: 'negate' }, context: Context): Filter {
  // A negated number in the program is a constant; minus zero prints as 0 there, as in jq.
  if (node.body.type === 'literal' && typeof node.body.value === 'number') {
    const constant = 0 - node.body.value;
    return single(() => constant);
  }
  const body = context.compile(node.body, context);
  const { value: bodyOf } = body;
  if (bodyOf === null) return many((env, input, emit) => body.each(env, input, (value) => emit(negate(value))));
  return single((env, input) => {
    const value = bodyOf(env, input);
    return value === undefined ? undefined : negate(value);
  });
}

/** `left and right`, `left or right`: the right side runs only when it decides. */
export function compileLogic(node: Ast & { type: 'and' | 'or' }, context: Context): Filter {
  const decides = node.type === 'or';
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  const { value: leftOf } = left;
  const { value: rightOf } = right;
  if (leftOf !== null && rightOf !== null) {
    return single((env, input) => {
      const a = leftOf(env, input);
      if (a === undefined) return undefined;
      if (truthy(a) === decides) return decides;
      const b = rightOf(env, input);
      return b === undefined ? undefined : truthy(b);
    });
  }
  return many((env, input, emit) =>
    forEach(left, env, input, (a) => {
      tick();
      return truthy(a) === decides ? emit(decides) : forEach(right, env, input, (b) => emit(truthy(b)));
    }),
  );
}

/** `left // right`: the true outputs of the left side; without any, the outputs of the right side. */
export function compileAlternative(node: Ast & { type: 'alternative' }, context: Context): Filter {
  const left = context.compile(node.left, context);
  const right = context.compile(node.right, context);
  const { value: leftOf } = left;
  const { value: rightOf } = right;
  const paths: Filter['paths'] = (env, path, input, emit) => {
    let found = false;
    const stopped = left.paths(env, path, input, (way, value) => {
      if (!truthy(value)) return false;
      found = true;
      return emit(way, value);
    });
    return stopped || (!found && right.paths(env, path, input, emit));
  };
  if (leftOf !== null && rightOf !== null) {
    return single((env, input) => {
      const value = leftOf(env, input);
      return value !== undefined && truthy(value) ? value : rightOf(env, input);
    }, paths);
  }
  return many((env, input, emit) => {
    let found = false;
    const stopped = forEach(left, env, input, (value) => {
      if (!truthy(value)) return false;
      found = true;
      return emit(value);
    });
    return stopped || (!found && forEach(right, env, input, emit));
  }, paths);
}
