import type { Ast, FunctionDefinition } from '../ast.ts';
import { type Closure, type Env, type Filter, forEach, many, outward, single, type Value } from '../filter.ts';
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
  const code: FunctionCode = {
    filter: null,
    depth: context.depth,
    parameters: definition.parameters,
    recursive: false,
    assumeSingle: true,
  };
  const outer = withFunction(context, definition.name, code);
  let inner = outer;
  for (const { name, value } of definition.parameters) {
    // `$a` is the closure `a` as well, which gives all its outputs again wherever it is called.
    inner = withLink(inner, 'closure', name);
    if (value) inner = withLink(inner, 'variable', name);
  }
  code.filter = context.compile(definition.body, inner);
  if (code.recursive && code.filter.value === null) {
    // The guess that it gives one output was wrong: its calls of itself have to be compiled again.
    code.assumeSingle = false;
    code.filter = null;
    code.filter = context.compile(definition.body, inner);
  }
  return { code, context: outer };
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
      const link = { value: { filter, env } satisfies Closure, next: scope };
      if (!parameter.value) return bind(at + 1, link);
      return forEach(filter, env, input, (value) => bind(at + 1, { value, next: link }));
    };
    return bind(0, outward(env, hops));
  };
  const paths: Filter['paths'] = (env, path, input, emit) =>
    enter(env, input, (scope) => (code.filter as Filter).paths(scope, path, input, emit));
  // A body that is known to give one output, with one-output values for its parameters, needs no callbacks. While a
  // function is being compiled its calls of itself are taken to be of that kind; compileDefinition checks it.
  const pending = code.filter === null;
  if (pending) code.recursive = true;
  const oneOutput = pending ? code.assumeSingle : code.filter?.value !== null;
  if (oneOutput && parameters.every((parameter, i) => !parameter.value || args[i]?.value !== null)) {
    return single((env, input) => {
      tick();
      let scope = outward(env, hops);
      for (let i = 0; i < parameters.length; i++) {
        const filter = args[i] as Filter;
        scope = { value: { filter, env } satisfies Closure, next: scope };
        if (parameters[i]?.value) {
          const value = filter.value?.(env, input);
          if (value === undefined) return undefined;
          scope = { value, next: scope };
        }
      }
      return (code.filter as Filter & { value: Value }).value(scope, input);
    }, paths);
  }
  return many(
    (env, input, emit) => enter(env, input, (scope) => forEach(code.filter as Filter, scope, input, emit)),
    paths,
  );
}
