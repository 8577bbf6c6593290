import type { Ast } from '../ast.ts';
import { JqSyntaxError } from '../errors.ts';
import type { Filter } from '../filter.ts';

/** A function under its name and number of parameters. `filter` is there once its body is compiled. */
export interface FunctionCode {
  filter: Filter | null;
  /** Scope links at its definition: a call walks back to that many. */
  depth: number;
  parameters: readonly { name: string; value: boolean }[];
  /** Set when the body is found to call the function itself. */
  recursive: boolean;
  /** While the body is compiled: whether calls of itself may be taken to give at most one output. */
  assumeSingle: boolean;
}

/** What a name stands for. `slot` is the position of its scope link, counted from the outermost. */
export type Entry =
  | { kind: 'variable' | 'label' | 'closure'; name: string; slot: number }
  | { kind: 'function'; name: string; arity: number; code: FunctionCode };

export interface Scope {
  readonly entry: Entry;
  readonly next: Scope | null;
}

/** Everything a compiling function needs to know about where it stands. */
export interface Context {
  readonly scope: Scope | null;
  /** Links that the run-time scope has here. */
  readonly depth: number;
  /** Compiles any node; handed in so that the node kinds need not import one another. */
  readonly compile: (node: Ast, context: Context) => Filter;
  /** Finds a built-in function; null when there is none of that name and number of arguments. */
  readonly builtin: (name: string, args: readonly Ast[], context: Context) => Filter | null;
}

/** The context with one more run-time link on the scope. */
export function withLink(context: Context, kind: 'variable' | 'label' | 'closure', name: string): Context {
  const entry: Entry = { kind, name, slot: context.depth };
  return { ...context, scope: { entry, next: context.scope }, depth: context.depth + 1 };
}

/** The context with one more function; functions take no link, they are known when compiling. */
export function withFunction(context: Context, name: string, code: FunctionCode): Context {
  const entry: Entry = { kind: 'function', name, arity: code.parameters.length, code };
  return { ...context, scope: { entry, next: context.scope } };
}

/** How many links to walk from here to a slot. */
export function hopsTo(context: Context, slot: number): number {
  return context.depth - 1 - slot;
}

/** Finds the innermost variable or label of a name. */
export function findSlot(context: Context, kind: 'variable' | 'label', name: string): number | null {
  for (let scope = context.scope; scope !== null; scope = scope.next) {
    if (scope.entry.kind === kind && scope.entry.name === name) return scope.entry.slot;
  }
  return null;
}

/** Finds the innermost closure parameter or function of a name and number of arguments. */
export function findCallable(context: Context, name: string, arity: number): Entry | null {
  for (let scope = context.scope; scope !== null; scope = scope.next) {
    const { entry } = scope;
    if (entry.name !== name) continue;
    if (entry.kind === 'function' ? entry.arity === arity : entry.kind === 'closure' && arity === 0) return entry;
  }
  return null;
}

/** The error for a name that nothing in scope has. */
export function undefinedName(node: Ast, name: string): JqSyntaxError {
  return new JqSyntaxError(`${name} is not defined`, { line: node.line, column: node.column, found: name });
}
