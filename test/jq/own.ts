import { compile, JqError, JqSyntaxError, type Json, type Limits, stringify } from '../../src/jq/index.ts';
import type { Answer } from './oracle.ts';

/** What our jq makes of a program, in the shape of the oracle's answer: outputs before an error count too. */
export function answer(program: string, input: string, limits: Limits = {}): Answer {
  const outputs: unknown[] = [];
  try {
    // Kept apart by a wrapper, since run() gives no outputs once a program has failed.
    const results = compile(`try ((${program}\n) | {output: .}) catch {error: .}`).run(JSON.parse(input), {}, limits);
    for (const result of results as ({ output: Json } | { error: Json })[]) {
      if ('error' in result) return { outputs, error: message(result.error), refused: false };
      outputs.push(JSON.parse(stringify(result.output), plainZero));
    }
    return { outputs, error: null, refused: false };
  } catch (error) {
    if (error instanceof JqSyntaxError) return { outputs, error: error.message, refused: true };
    if (error instanceof JqError) return { outputs, error: error.message, refused: false };
    throw error;
  }
}

/** Minus zero is written `-0` or `0` by jq depending on how it came about; it is one number. */
export function plainZero(_key: string, value: unknown): unknown {
  return value === 0 ? 0 : value;
}

function message(value: Json): string {
  return typeof value === 'string' ? value : stringify(value);
}
