import { type Jq, loadJq } from 'jq-wasm';
import { plainZero } from './own.ts';

/** What jq made of a program: its outputs as values, and the message of the error that ended it, if any. */
export interface Answer {
  outputs: unknown[];
  error: string | null;
  /** The program was refused before it ran. */
  refused: boolean;
}

/** jq 1.8.2 itself, compiled to WebAssembly. An abort poisons an instance, so each one is followed by a fresh instance. */
export async function createOracle(): Promise<(program: string, input: string) => Promise<Answer | null>> {
  let jq: Jq = await loadJq();
  return async (program, input) => {
    try {
      const { stdout, stderr } = jq.raw(input, program, ['-c']);
      const lines = stdout.split('\n').filter((line) => line !== '');
      const error = stderr.replace(/^jq: error \(at [^)]*\)( \(not a string\))?: /, '').trim();
      return {
        outputs: lines.map((line) => JSON.parse(line, plainZero)),
        error: error === '' ? null : error,
        refused: /compile error/.test(stderr),
      };
    } catch {
      jq = await loadJq();
      return null;
    }
  };
}
