import type { Ast } from '../ast.ts';
import { JqError } from '../errors.ts';
import { BROKEN, type EmitPath, type Env, type Filter, forEach, many, outward, single } from '../filter.ts';
import { tick } from '../limits.ts';
import { type Json, truthy } from '../value.ts';
import { IDENTITY } from './access.ts';
import { type Context, findSlot, hopsTo, undefinedName, withLink } from './context.ts';

/** `if … then … else … end` */
export function compileIf(node: Ast & { type: 'if' }, context: Context): Filter {
  const condition = context.compile(node.condition, context);
  const yes = context.compile(node.yes, context);
  const no = node.no === null ? IDENTITY : context.compile(node.no, context);
  const paths: Filter['paths'] = (env, path, input, emit) =>
    forEach(condition, env, input, (test) => (truthy(test) ? yes : no).paths(env, path, input, emit));
  const { value: test } = condition;
  const { value: yesOf } = yes;
  const { value: noOf } = no;
  if (test === null) {
    return many(
      (env, input, emit) => testEach(condition, env, input, (hit) => forEach(hit ? yes : no, env, input, emit)),
      paths,
    );
  }
  if (yesOf !== null && noOf !== null) {
    return single((env, input) => {
      const hit = test(env, input);
      if (hit === undefined) return undefined;
      return truthy(hit) ? yesOf(env, input) : noOf(env, input);
    }, paths);
  }
  return many((env, input, emit) => {
    const hit = test(env, input);
    return hit === undefined ? false : forEach(truthy(hit) ? yes : no, env, input, emit);
  }, paths);
}

function testEach(condition: Filter, env: Env | null, input: Json, use: (hit: boolean) => boolean): boolean {
  return condition.each(env, input, (value) => {
    tick();
    return use(truthy(value));
  });
}

/**
 * `try body catch handler`. Only errors of the body count: an error raised by whoever receives an output must pass,
 * and since outputs are handed on from inside the body, a flag tells the two apart.
 */
export function compileTry(node: Ast & { type: 'try' }, context: Context): Filter {
  const body = context.compile(node.body, context);
  const handler = node.handler === null ? null : context.compile(node.handler, context);
  const paths: Filter['paths'] = (env, path, input, emit) => {
    let outside = false;
    try {
      return body.paths(env, path, input, (way, value) => {
        outside = true;
        const stop = emit(way, value);
        outside = false;
        return stop;
      });
    } catch (error) {
      if (outside || !(error instanceof JqError)) throw error;
      return handler === null ? false : handler.paths(env, path, error.value, broken(emit));
    }
  };
  const { value: bodyOf } = body;
  const handlerOf = handler === null ? () => undefined : handler.value;
  if (bodyOf !== null && handlerOf !== null) {
    return single((env, input) => {
      try {
        return bodyOf(env, input);
      } catch (error) {
        if (!(error instanceof JqError)) throw error;
        return handlerOf(env, error.value);
      }
    }, paths);
  }
  return many((env, input, emit) => {
    let outside = false;
    try {
      return forEach(body, env, input, (value) => {
        outside = true;
        const stop = emit(value);
        outside = false;
        return stop;
      });
    } catch (error) {
      if (outside || !(error instanceof JqError)) throw error;
      return handler === null ? false : forEach(handler, env, error.value, emit);
    }
  }, paths);
}

function broken(emit: EmitPath): EmitPath {
  return (_path, value) => emit(BROKEN, value);
}

/** Thrown by `break`; the label that made it catches it. Never seen by `try`. */
interface BreakToken {
  readonly label: string;
}

/** `label $name | body` */
export function compileLabel(node: Ast & { type: 'label' }, context: Context): Filter {
  const body = context.compile(node.body, withLink(context, 'label', node.name));
  const within = (env: Env | null, run: (env: Env) => boolean): boolean => {
    const token: BreakToken = { label: node.name };
    try {
      return run({ value: token, next: env });
    } catch (error) {
      if (error === token) return false;
      throw error;
    }
  };
  return many(
    (env, input, emit) => within(env, (inner) => forEach(body, inner, input, emit)),
    (env, path, input, emit) => within(env, (inner) => body.paths(inner, path, input, emit)),
  );
}

/** `break $name` */
export function compileBreak(node: Ast & { type: 'break' }, context: Context): Filter {
  const slot = findSlot(context, 'label', node.name);
  if (slot === null) throw undefinedName(node, `label $${node.name}`);
  const hops = hopsTo(context, slot);
  return many((env) => {
    throw (outward(env, hops) as Env).value;
  });
}
