import { add } from '../arithmetic.ts';
import { failure } from '../errors.ts';
import { collect, type Env, type Filter, forEach, many, single } from '../filter.ts';
import { claim, tick } from '../limits.ts';
import { type Code, compileRegex } from '../regex/compile.ts';
import type { SearchOptions } from '../regex/machine.ts';
import { type Match, search } from '../regex/match.ts';
import { parseRegex } from '../regex/parse.ts';
import { after } from '../regex/positions.ts';
import { excerpt } from '../text.ts';
import { pointCounter } from '../unicode.ts';
import { type Json, type JsonObject, put, typeName } from '../value.ts';
import type { Builtins } from './define.ts';

interface Regex extends SearchOptions {
  code: Code;
  global: boolean;
}

/** Compiled patterns kept, by flags and pattern. */
const CACHE_SIZE = 200;
const cache = new Map<string, Regex>();

function regexOf(pattern: Json, flags: Json, forceGlobal: boolean): Regex {
  if (typeof pattern !== 'string') throw failure(`${typeName(pattern)} (${excerpt(pattern)}) is not a string`);
  if (flags !== null && typeof flags !== 'string')
    throw failure(`${typeName(flags)} (${excerpt(flags)}) is not a string`);
  const key = `${forceGlobal ? 'g' : ''}${flags ?? ''}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const regex = compilePattern(pattern, flags ?? '', forceGlobal);
  cache.set(key, regex);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value as string);
  return regex;
}

/** jq's flags: g global, i case, x extended, s single line, n not empty, p dot-all and single line, l longest. */
function compilePattern(pattern: string, flags: string, forceGlobal: boolean): Regex {
  const options = { ignoreCase: false, extended: false, dotAll: false, singleLine: true };
  const regex = { global: forceGlobal, notEmpty: false, longest: false };
  for (const flag of flags) {
    if (flag === 'g') regex.global = true;
    else if (flag === 'i') options.ignoreCase = true;
    else if (flag === 'x') options.extended = true;
    else if (flag === 'p') options.dotAll = true;
    else if (flag === 'n') regex.notEmpty = true;
    else if (flag === 'l') regex.longest = true;
    // Patterns are in single-line mode to begin with.
    else if (flag !== 's') throw failure(`${forceGlobal ? `${flags}g` : flags} is not a valid modifier string`);
  }
  return { ...regex, code: compileRegex(parseRegex(pattern, options)) };
}

/** The string and regex of a call, refused in jq's words. */
function subject(input: Json): string {
  if (typeof input !== 'string') {
    throw failure(`${typeName(input)} (${excerpt(input)}) cannot be matched, as it is not a string`);
  }
  return input;
}

/** Every match, or the first; an empty match moves the search on by one character. */
function eachMatch(regex: Regex, text: string, use: (match: Match) => boolean): boolean {
  let from = 0;
  while (from <= text.length) {
    tick();
    const match = search(regex.code, text, from, regex);
    if (match === null) return false;
    if (use(match)) return true;
    if (!regex.global) return false;
    from = match.end === match.start ? after(text, match.end) : match.end;
  }
  return false;
}

function captureOf(
  match: Match,
  group: number,
  name: string | null,
  text: string,
  toPoints: (n: number) => number,
): JsonObject {
  const start = match.slots[2 * group] as number;
  const end = match.slots[2 * group + 1] as number;
  if (start < 0 || end < 0) return { offset: -1, string: null, length: 0, name };
  const offset = toPoints(start);
  // jq builds captures of nothing elsewhere, with their entries in another order.
  if (start === end) return { offset, string: '', length: 0, name };
  return { offset, length: toPoints(end) - offset, string: text.slice(start, end), name };
}

function describe(regex: Regex, match: Match, text: string, toPoints: (n: number) => number): JsonObject {
  const { names } = regex.code;
  claim(128 * (1 + names.length));
  const offset = toPoints(match.start);
  return {
    offset,
    length: toPoints(match.end) - offset,
    string: text.slice(match.start, match.end),
    captures: names.map((name, group) => captureOf(match, group, name, text, toPoints)),
  };
}

/** The named groups of a match as an object; of several with one name the last one counts. */
function namedGroups(regex: Regex, match: Match, text: string): JsonObject {
  const object: JsonObject = {};
  regex.code.names.forEach((name, group) => {
    if (name !== null) put(object, name, groupText(match, group, text));
  });
  claim(64 * regex.code.names.length);
  return object;
}

function groupText(match: Match, group: number, text: string): Json {
  const start = match.slots[2 * group] as number;
  const end = match.slots[2 * group + 1] as number;
  return start < 0 || end < 0 ? null : text.slice(start, end);
}

type Use = (regex: Regex, text: string, emit: (output: Json) => boolean) => boolean;

const NO_FLAGS: Filter = single(() => null);

/** Calls `use` for each combination of pattern and flags; with one argument it may be `[pattern, flags]`. */
function matching(args: readonly Filter[], use: Use, forceGlobal = false, pair = true): Filter {
  const [patterns, flags] = args as [Filter, Filter | undefined];
  const run = (input: Json, pattern: Json, flag: Json, emit: (output: Json) => boolean): boolean => {
    tick();
    const text = subject(input);
    return use(regexOf(pattern, flag, forceGlobal), text, emit);
  };
  if (flags !== undefined || !pair) {
    return many((env, input, emit) =>
      forEach(flags ?? NO_FLAGS, env, input, (flag) =>
        forEach(patterns, env, input, (pattern) => run(input, pattern, flag, emit)),
      ),
    );
  }
  return many((env, input, emit) =>
    forEach(patterns, env, input, (value) => {
      if (typeof value === 'string') return run(input, value, null, emit);
      if (!Array.isArray(value) || value.length === 0) throw failure(`${typeName(value)} not a string or array`);
      return run(input, value[0] as Json, value[1] ?? null, emit);
    }),
  );
}

/** At most one output whenever the arguments have one: keeps `test` cheap. */
function testing(args: readonly Filter[]): Filter {
  const general = matching(args, (regex, text, emit) => emit(search(regex.code, text, 0, regex) !== null));
  if (!args.every((arg) => arg.value !== null)) return general;
  return single((env, input) => {
    let found: Json | undefined;
    general.each(env, input, (output) => {
      found = output;
      return true;
    });
    return found;
  });
}

const matches: Use = (regex, text, emit) => {
  const toPoints = pointCounter(text);
  return eachMatch(regex, text, (match) => emit(describe(regex, match, text, toPoints)));
};

const captures: Use = (regex, text, emit) => eachMatch(regex, text, (match) => emit(namedGroups(regex, match, text)));

const scans: Use = (regex, text, emit) =>
  eachMatch(regex, text, (match) => {
    claim(64);
    if (regex.code.names.length === 0) return emit(text.slice(match.start, match.end));
    return emit(regex.code.names.map((_, group) => groupText(match, group, text)));
  });

const splits: Use = (regex, text, emit) => {
  let from = 0;
  const stopped = eachMatch(regex, text, (match) => {
    const part = text.slice(from, match.start);
    claim(32);
    from = match.end;
    return emit(part);
  });
  return stopped || emit(text.slice(from));
};

/**
 * `sub`: the n-th output of the replacement, over all matches, makes the n-th result. A replacement sees the named
 * groups as its input.
 */
function substitute(args: readonly Filter[], global: boolean): Filter {
  const [patterns, replacement, flags] = args as [Filter, Filter, Filter | undefined];
  const replaceIn = (env: Env | null, text: string, regex: Regex): Json[] => {
    const results: Json[] = [];
    let from = 0;
    eachMatch(regex, text, (match) => {
      const gap = text.slice(from, match.start);
      const inserts = collect(replacement, env, namedGroups(regex, match, text));
      inserts.forEach((insert, i) => {
        results[i] = add(results[i] ?? null, add(gap, insert));
      });
      from = match.end;
      return false;
    });
    if (results.length === 0) return [text];
    return results.map((result) => add(result, text.slice(from)));
  };
  return many((env, input, emit) =>
    forEach(patterns, env, input, (pattern) =>
      forEach(flags ?? NO_FLAGS, env, input, (flag) => {
        const regex = regexOf(pattern, flag, global);
        return replaceIn(env, subject(input), regex).some((result) => emit(result));
      }),
    ),
  );
}

export const regex: Builtins = {
  'test/1': testing,
  'test/2': testing,
  'match/1': (args) => matching(args, matches),
  'match/2': (args) => matching(args, matches),
  'capture/1': (args) => matching(args, captures),
  'capture/2': (args) => matching(args, captures),
  'scan/1': (args) => matching(args, scans, true, false),
  'scan/2': (args) => matching(args, scans, true, false),
  'splits/1': (args) => matching(args, splits, true, false),
  'splits/2': (args) => matching(args, splits, true, false),
  'split/2': (args) => {
    const parts = matching(args, splits, true, false);
    return single((env, input) => collect(parts, env, input));
  },
  'sub/2': (args) => substitute(args, false),
  'sub/3': (args) => substitute(args, false),
  'gsub/2': (args) => substitute(args, true),
  'gsub/3': (args) => substitute(args, true),
};
