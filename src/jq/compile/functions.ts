import type { Ast, FunctionDefinition } from '../ast.ts';
import { type Closure, type Env, type Filter, forEach, many, outward, single } from '../filter.ts';
import { tick } from '../limits.ts';
import type { Json } from '../value.ts';
import {
  type Context,
  type FunctionCode,
  findCallable,
  hopsTo,
  undefinedName,
  withFunction,
  withLink,
} from './context.ts';

/** `def name(params): body; rest` */
export function compileDefine(node: Ast & { type: 'define' }, context: Context): Filter {
  return context.compile(node.body, compileDefinition(node.definition, context).context);
}

/** Compiles a function; gives it together with the context in which it is known. */
export function compileDefinition(
  definition: FunctionDefinition,
  context: Context,
): { code: FunctionCode; context: Context } {
  const code: FunctionCode = { filter: null, depth: context.depth, parameters: definition.parameters };
  const outer = withFunction(context, definition.name, code);
  let inner = outer;
  for (const { name, value } of definition.parameters) {
    inner = withLink(inner, value ? 'variable' : 'closure', name);
    // A parameter `$a` may also be called as the function `a`.
    if (value) inner = withFunction(inner, name, variableAsFunction(inner));
  }
  code.filter = context.compile(definition.body, inner);
  return { code, context: outer };
}

function variableAsFunction(context: Context): FunctionCode {
  return { filter: single((env) => (env as Env).value as Json), depth: context.depth, parameters: [] };
}

/** `name(args)`: a closure parameter, a function of the program, or a built-in. */
export function compileCall(node: Ast & { type: 'call' }, context: Context): Filter {
  const entry = findCallable(context, node.name, node.args.length);
  if (entry === null) {
    const builtin = context.builtin(node.name, node.args, context);
    if (builtin === null) throw undefinedName(node, `${node.name}/${node.args.length}`);
    return builtin;
  }
  if (entry.kind !== 'function') return callClosure(hopsTo(context, entry.slot));
  const args = node.args.map((arg) => context.compile(arg, context));
  return callFunction(entry.code, args, context.depth - entry.code.depth);
}

function callClosure(hops: number): Filter {
  const find = (env: Env | null) => (outward(env, hops) as Env).value as Closure;
  return many(
    (env, input, emit) => {
      tick();
      const { filter, env: scope } = find(env);
      return forEach(filter, scope, input, emit);
    },
    (env, path, input, emit) => {
      tick();
      const { filter, env: scope } = find(env);
      return filter.paths(scope, path, input, emit);
    },
  );
}

/** Calls a function with compiled arguments; `hops` leads from here to the scope of its definition. */
export function callFunction(code: FunctionCode, args: readonly Filter[], hops: number): Filter {
  const { parameters } = code;
  const enter = (env: Env | null, input: Json, use: (scope: Env | null) => boolean): boolean => {
    tick();
    const bind = (at: number, scope: Env | null): boolean => {
      const parameter = parameters[at];
      if (parameter === undefined) return use(scope);
      const filter = args[at] as Filter;
      if (!parameter.value) return bind(at + 1, { value: { filter, env } satisfies Closure, next: scope });
      return forEach(filter, env, input, (value) => bind(at + 1, { value, next: scope }));
    };
    return bind(0, outward(env, hops));
  };
  const paths: Filter['paths'] = (env, path, input, emit) =>
    enter(env, input, (scope) => (code.filter as Filter).paths(scope, path, input, emit));
  // A body that is known to give one output, with one-output values for its parameters, needs no callbacks. A function
  // that calls itself is not known yet when its call is compiled, so it never takes this way.
  const { value: body = null } = code.filter ?? {};
  if (body !== null && parameters.every((parameter, i) => !parameter.value || args[i]?.value !== null)) {
    return single((env, input) => {
      tick();
      let scope = outward(env, hops);
      for (let i = 0; i < parameters.length; i++) {
        const filter = args[i] as Filter;
        let value: unknown = { filter, env };
        if (parameters[i]?.value) {
          value = filter.value?.(env, input);
          if (value === undefined) return undefined;
        }
        scope = { value, next: scope };
      }
      return body(scope, input);
    }, paths);
  }
  return many(
    (env, input, emit) => enter(env, input, (scope) => forEach(code.filter as Filter, scope, input, emit)),
    paths,
  );
}
