import { index } from '../access.ts';
import type { Pattern } from '../ast.ts';
import { failure, JqError } from '../errors.ts';
import { type Env, type Filter, forEach } from '../filter.ts';
import { tick } from '../limits.ts';
import { excerpt } from '../text.ts';
import { type Json, typeName } from '../value.ts';
import { type Context, withLink } from './context.ts';

/** Takes a value apart; calls `found` for every way to do so, with the variables in `slots`. */
type Matcher = (env: Env | null, input: Json, value: Json, slots: Json[], found: () => boolean) => boolean;

/** A compiled `as` clause. */
export interface Binding {
  /** The context in which the variables are known. */
  readonly context: Context;
  /** Runs `body` in the scope of every match of `value`; `input` is what key expressions see. */
  readonly run: (env: Env | null, input: Json, value: Json, body: (env: Env) => boolean) => boolean;
  /** True for a lone `$name`, which binds by one link and never fails. */
  readonly plain: boolean;
}

function collectNames(pattern: Pattern, names: string[]): void {
  const note = (name: string) => {
    if (!names.includes(name)) names.push(name);
  };
  if (pattern.type === 'variable') note(pattern.name);
  else if (pattern.type === 'array') for (const item of pattern.items) collectNames(item, names);
  else {
    for (const entry of pattern.entries) {
      if (entry.bind !== undefined) note(entry.bind);
      if (entry.value !== undefined) collectNames(entry.value, names);
    }
  }
}

/** Compiles the patterns of one `as`; with several (`?//`) each variable of any of them exists, null unless bound. */
export function compilePatterns(patterns: readonly Pattern[], context: Context): Binding {
  const [only] = patterns;
  if (patterns.length === 1 && only?.type === 'variable') {
    return {
      context: withLink(context, 'variable', only.name),
      run: (env, _input, value, body) => body({ value, next: env }),
      plain: true,
    };
  }
  const names: string[] = [];
  for (const pattern of patterns) collectNames(pattern, names);
  const matchers = patterns.map((pattern) => compilePattern(pattern, names, context));
  const inner = names.reduce((scope, name) => withLink(scope, 'variable', name), context);
  const attempt = (matcher: Matcher, env: Env | null, input: Json, value: Json, body: (env: Env) => boolean) => {
    const slots: Json[] = names.map(() => null);
    return matcher(env, input, value, slots, () => {
      let scope = env;
      for (const slot of slots) scope = { value: slot, next: scope };
      return body(scope as Env);
    });
  };
  const last = matchers.length - 1;
  return {
    context: inner,
    plain: false,
    run(env, input, value, body) {
      for (let i = 0; i < last; i++) {
        try {
          return attempt(matchers[i] as Matcher, env, input, value, body);
        } catch (error) {
          // An error in the pattern or in what follows moves on to the next alternative.
          if (!(error instanceof JqError)) throw error;
        }
      }
      return attempt(matchers[last] as Matcher, env, input, value, body);
    },
  };
}

function compilePattern(pattern: Pattern, names: readonly string[], context: Context): Matcher {
  if (pattern.type === 'variable') return bindTo(names.indexOf(pattern.name));
  if (pattern.type === 'array') {
    const items = pattern.items.map((item) => compilePattern(item, names, context));
    return (env, input, value, slots, found) => {
      if (value !== null && !Array.isArray(value)) {
        throw failure(`Cannot index ${typeName(value)} with number (0)`);
      }
      return chain(
        items.map((matcher, i) => (next) => matcher(env, input, index(value, i), slots, next)),
        found,
      );
    };
  }
  const entries = pattern.entries.map((entry) => ({
    key: context.compile(entry.key, context),
    bind: entry.bind === undefined ? null : bindTo(names.indexOf(entry.bind)),
    value: entry.value === undefined ? null : compilePattern(entry.value, names, context),
  }));
  return (env, input, value, slots, found) =>
    chain(
      entries.map((entry) => (next) => matchEntry(entry, env, input, value, slots, next)),
      found,
    );
}

interface CompiledEntry {
  key: Filter;
  bind: Matcher | null;
  value: Matcher | null;
}

function matchEntry(
  entry: CompiledEntry,
  env: Env | null,
  input: Json,
  value: Json,
  slots: Json[],
  next: () => boolean,
): boolean {
  return forEach(entry.key, env, input, (key) => {
    tick();
    if (typeof key !== 'string') {
      throw failure(`Cannot index ${typeName(value)} with ${typeName(key)} (${excerpt(key)})`);
    }
    const child = index(value, key);
    const rest = () => (entry.value === null ? next() : entry.value(env, input, child, slots, next));
    return entry.bind === null ? rest() : entry.bind(env, input, child, slots, rest);
  });
}

function bindTo(slot: number): Matcher {
  return (_env, _input, value, slots, found) => {
    const old = slots[slot] as Json;
    slots[slot] = value;
    const stop = found();
    slots[slot] = old;
    return stop;
  };
}

/** Runs the links one inside the other, `found` innermost. */
function chain(links: ((next: () => boolean) => boolean)[], found: () => boolean): boolean {
  const from = (at: number): boolean => {
    const link = links[at];
    return link === undefined ? found() : link(() => from(at + 1));
  };
  return from(0);
}
