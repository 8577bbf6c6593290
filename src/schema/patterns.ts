import { createRequire } from 'node:module';

type Re2 = typeof import('re2-wasm');

const cache = new Map<string, { test(text: string): boolean }>();
let engine: Re2 | undefined;

/**
 * A regular expression that takes time linear in the text, whatever its author wrote: JavaScript's own engine can be
 * stalled for minutes by one pattern. Throws a SyntaxError for what RE2 does not know (look-around, back-references).
 * The WebAssembly module is loaded by the first pattern only.
 */
export function safePattern(source: string): { test(text: string): boolean } {
  const known = cache.get(source);
  if (known) return known;
  engine ??= createRequire(import.meta.url)('re2-wasm') as Re2;
  const pattern = new engine.RE2(source, 'u');
  if (cache.size >= 1000) cache.clear();
  cache.set(source, pattern);
  return pattern;
}

/** Why a pattern cannot be used, as the end of a sentence; undefined when it can. */
export function patternProblem(source: string): string | undefined {
  try {
    safePattern(source);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const looks = /\(\?[=!<]/.test(source) && /perl operator|invalid/.test(reason);
    if (looks) return 'look-around such as `(?=…)` is not supported, because it can take endless time';
    if (/invalid escape sequence: \\[1-9k]/.test(reason)) {
      return 'back-references such as `\\1` are not supported, because they can take endless time';
    }
    return reason.replace(/^.*\/u: /s, '');
  }
}
