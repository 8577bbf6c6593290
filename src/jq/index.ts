import { findBuiltin } from './builtins/index.ts';
import { HALT } from './builtins/values.ts';
import { type Context, withLink } from './compile/context.ts';
import { compileNode } from './compile.ts';
import { exceeded } from './errors.ts';
import { type Env, type Filter, forEach } from './filter.ts';
import { type Limits, meter, metered } from './limits.ts';
import { parse } from './parser.ts';
import { jsonText, type TextOptions } from './text.ts';
import type { Json } from './value.ts';

export { JqError, JqLimitError, JqSyntaxError } from './errors.ts';
export type { Limits } from './limits.ts';
export type { TextOptions } from './text.ts';
export type { Json } from './value.ts';

/** A compiled program. It keeps no state: run it as often as you like. */
export interface Program {
  /** Runs the filter and gives all its outputs. */
  run(input: Json, variables?: Record<string, Json>, limits?: Limits): Json[];
  /** The first output, undefined when there is none. The program stops there. */
  first(input: Json, variables?: Record<string, Json>, limits?: Limits): Json | undefined;
}

/** Compiled programs kept, by text and variable names. */
const CACHE_SIZE = 1000;
const cache = new Map<string, Program>();

/**
 * Compiles `text`. `variables` are the names, without `$`, that the program may use; {@link Program.run} is handed
 * their values, a missing one being null. Throws `JqSyntaxError` for text that is not jq or uses an unknown name.
 */
export function compile(text: string, variables: readonly string[] = []): Program {
  const key = variables.length === 0 ? text : `${variables.join('\n')}\n\n${text}`;
  const known = cache.get(key);
  if (known !== undefined) {
    // Re-inserted as the newest, so that the oldest entry is always the least recently used.
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const program = createProgram(text, variables);
  cache.set(key, program);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value as string);
  return program;
}

/** Text as jq prints it, on one line unless `indent` is given. */
export function stringify(value: Json, options: TextOptions = {}): string {
  return metered({ maxSteps: Infinity, deadlineMs: Infinity, maxBytes: Infinity }, () => jsonText(value, options));
}

function createProgram(text: string, variables: readonly string[]): Program {
  const filter = compileText(text, variables);
  const scopeOf = (values: Record<string, Json>): Env | null => {
    let env: Env | null = null;
    for (const name of variables) env = { value: Object.hasOwn(values, name) ? values[name] : null, next: env };
    return env;
  };
  return {
    run(input, values = {}, limits = {}) {
      return metered(limits, () => {
        const outputs: Json[] = [];
        untilHalt(() =>
          forEach(filter, scopeOf(values), input, (output) => {
            if (outputs.length >= meter.maxOutputs) throw exceeded('outputs');
            outputs.push(output);
            return false;
          }),
        );
        return outputs;
      });
    },
    first(input, values = {}, limits = {}) {
      return metered(limits, () => {
        let found: Json | undefined;
        untilHalt(() =>
          forEach(filter, scopeOf(values), input, (output) => {
            found = output;
            return true;
          }),
        );
        return found;
      });
    },
  };
}

function untilHalt(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error !== HALT) throw error;
  }
}

/** Compiling is bounded too: functions inside functions that call themselves are compiled more than once. */
const COMPILE_LIMITS: Limits = { maxSteps: 1_000_000, deadlineMs: 5000 };

function compileText(text: string, variables: readonly string[]): Filter {
  return metered(COMPILE_LIMITS, () => {
    const root: Context = { scope: null, depth: 0, compile: compileNode, builtin: findBuiltin };
    const scope = variables.reduce((context, name) => withLink(context, 'variable', name), root);
    return compileNode(parse(text), scope);
  });
}
