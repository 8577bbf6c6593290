import { add } from '../arithmetic.ts';
import { failure } from '../errors.ts';
import { type Filter, forEach, many, single } from '../filter.ts';
import { tick } from '../limits.ts';
import { compare } from '../order.ts';
import type { Json } from '../value.ts';
import type { Builtins } from './define.ts';

/** Calls `emit` with the numbers from `start` on while they are before `end`. */
function countUp(start: number, end: number, emit: (value: Json) => boolean): boolean {
  for (let i = start; i < end; i++) {
    tick();
    if (emit(i)) return true;
  }
  return false;
}

function range(from: Filter, to: Filter): Filter {
  const check = (value: Json): number => {
    if (typeof value !== 'number') throw failure('Range bounds must be numeric');
    return value;
  };
  return many((env, input, emit) =>
    forEach(from, env, input, (start) => forEach(to, env, input, (end) => countUp(check(start), check(end), emit))),
  );
}

/** `range(from; to; by)` for anything that can be compared and added to; a step of zero gives nothing. */
function steps(start: Json, end: Json, by: Json, emit: (value: Json) => boolean): boolean {
  const direction = compare(by, 0);
  if (direction === 0) return false;
  let value = start;
  while (direction > 0 ? compare(value, end) < 0 : compare(value, end) > 0) {
    if (emit(value)) return true;
    value = add(value, by);
  }
  return false;
}

function rangeBy(from: Filter, to: Filter, by: Filter): Filter {
  return many((env, input, emit) =>
    forEach(from, env, input, (start) =>
      forEach(to, env, input, (end) => forEach(by, env, input, (step) => steps(start, end, step, emit))),
    ),
  );
}

const ZERO = single(() => 0);

/** Counting. */
export const ranges: Builtins = {
  'range/1': ([to]) => range(ZERO, to as Filter),
  'range/2': ([from, to]) => range(from as Filter, to as Filter),
  'range/3': ([from, to, by]) => rangeBy(from as Filter, to as Filter, by as Filter),
};
