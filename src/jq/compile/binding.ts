import type { Ast } from '../ast.ts';
import { type Env, type Filter, forEach, many, outward, single } from '../filter.ts';
import { tick } from '../limits.ts';
import type { Json } from '../value.ts';
import { literal } from './construct.ts';
import { type Context, findSlot, hopsTo, undefinedName } from './context.ts';
import { compilePatterns } from './patterns.ts';

/** `source as patterns | body` */
export function compileBind(node: Ast & { type: 'bind' }, context: Context): Filter {
  const source = context.compile(node.source, context);
  const binding = compilePatterns(node.patterns, context);
  const body = context.compile(node.body, binding.context);
  const paths: Filter['paths'] = (env, path, input, emit) =>
    forEach(source, env, input, (value) => {
      tick();
      return binding.run(env, input, value, (inner) => body.paths(inner, path, input, emit));
    });
  const { value: sourceOf } = source;
  const { value: bodyOf } = body;
  if (binding.plain && sourceOf !== null && bodyOf !== null) {
    return single((env, input) => {
      const value = sourceOf(env, input);
      return value === undefined ? undefined : bodyOf({ value, next: env }, input);
    }, paths);
  }
  return many(
    (env, input, emit) =>
      forEach(source, env, input, (value) => {
        tick();
        return binding.run(env, input, value, (inner) => forEach(body, inner, input, emit));
      }),
    paths,
  );
}

/** `$name` */
export function compileVariable(node: Ast & { type: 'variable' }, context: Context): Filter {
  const slot = findSlot(context, 'variable', node.name);
  if (slot === null) {
    // The environment of the server is none of a program's business.
    if (node.name === 'ENV') return literal({});
    throw undefinedName(node, `$${node.name}`);
  }
  const hops = hopsTo(context, slot);
  if (hops === 0) return single((env) => (env as Env).value as Json);
  if (hops === 1) return single((env) => ((env as Env).next as Env).value as Json);
  return single((env) => (outward(env, hops) as Env).value as Json);
}
