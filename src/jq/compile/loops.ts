import type { Ast } from '../ast.ts';
import { type Filter, forEach, many, single } from '../filter.ts';
import { tick } from '../limits.ts';
import type { Json } from '../value.ts';
import { compileAccumulation } from './accumulate.ts';
import type { Context } from './context.ts';
import { compilePatterns } from './patterns.ts';

/** `reduce source as $x (start; update)`: the last output of each update is kept, null when it has none. */
export function compileReduce(node: Ast & { type: 'reduce' }, context: Context): Filter {
  const source = context.compile(node.source, context);
  const binding = compilePatterns(node.patterns, context);
  const start = context.compile(node.start, context);
  const update = context.compile(node.update, binding.context);
  const { value: startOf } = start;
  const accumulation = compileAccumulation(node.update, update, binding.context);

  const fold = (env: Parameters<Filter['each']>[0], input: Json, first: Json): Json => {
    let state: Json = first;
    const next = accumulation?.() ?? update.value;
    const turn = (item: Json): boolean => {
      tick();
      if (next !== null && binding.plain) {
        state = next({ value: item, next: env }, state) ?? null;
        return false;
      }
      return binding.run(env, input, item, (inner) => {
        if (next !== null) {
          state = next(inner, state) ?? null;
          return false;
        }
        let last: Json | undefined;
        forEach(update, inner, state, (output) => {
          last = output;
          return false;
        });
        state = last ?? null;
        return false;
      });
    };
    forEach(source, env, input, turn);
    return state;
  };

  const paths: Filter['paths'] = (env, path, input, emit) =>
    start.paths(env, path, input, (firstPath, first) => {
      let statePath = firstPath;
      let state = first;
      forEach(source, env, input, (item) =>
        binding.run(env, input, item, (inner) => {
          tick();
          let found = false;
          update.paths(inner, statePath, state, (nextPath, next) => {
            found = true;
            statePath = nextPath;
            state = next;
            return false;
          });
          if (!found) {
            statePath = null;
            state = null;
          }
          return false;
        }),
      );
      return emit(statePath, state);
    });

  if (startOf !== null) {
    return single((env, input) => {
      const first = startOf(env, input);
      return first === undefined ? undefined : fold(env, input, first);
    }, paths);
  }
  return many((env, input, emit) => start.each(env, input, (first) => emit(fold(env, input, first))), paths);
}

/** `foreach source as $x (start; update; extract)`: every output of every update is shown and becomes the state. */
export function compileForeach(node: Ast & { type: 'foreach' }, context: Context): Filter {
  const source = context.compile(node.source, context);
  const binding = compilePatterns(node.patterns, context);
  const start = context.compile(node.start, context);
  const update = context.compile(node.update, binding.context);
  const extract = node.extract === null ? null : context.compile(node.extract, binding.context);
  return many(
    (env, input, emit) =>
      forEach(start, env, input, (first) => {
        let state: Json = first;
        return forEach(source, env, input, (item) =>
          binding.run(env, input, item, (inner) => {
            tick();
            const before = state;
            state = null;
            return forEach(update, inner, before, (output) => {
              state = output;
              return extract === null ? emit(output) : forEach(extract, inner, output, emit);
            });
          }),
        );
      }),
    (env, path, input, emit) =>
      start.paths(env, path, input, (firstPath, first) => {
        let statePath = firstPath;
        let state = first;
        return forEach(source, env, input, (item) =>
          binding.run(env, input, item, (inner) => {
            tick();
            return update.paths(inner, statePath, state, (nextPath, next) => {
              statePath = nextPath;
              state = next;
              return extract === null ? emit(nextPath, next) : extract.paths(inner, nextPath, next, emit);
            });
          }),
        );
      }),
  );
}
