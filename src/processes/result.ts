import type { ProcessResult } from '../model/process.ts';
import type { Capture } from './capture.ts';
import type { Exit } from './child.ts';
import type { Ended } from './watch.ts';

/** What `run` answers with: the files live until `dispose`. */
export type PoolResult = ProcessResult & { dispose(): Promise<void> };

export interface ResultParts {
  exit: Exit;
  ended?: Ended;
  what?: string;
  capture: Capture;
  value?: unknown;
  files: ProcessResult['files'];
  /** `performance.now()` at the start. */
  begun: number;
  dispose(): Promise<void>;
}

/** Puts the answer together; why the pool ended it is also the last line of standard error. */
export function result(parts: ResultParts): PoolResult {
  const stdout = parts.capture.stdout.finish();
  const stderr = parts.capture.stderr.finish();
  const reason =
    parts.ended === undefined ? causeOf(parts.exit, stderr.text) : { ended: parts.ended, what: parts.what };
  const note = reason?.what === undefined ? '' : `${lineBreak(stderr.text)}[ended: ${reason.what}]\n`;
  return {
    ...parts.exit,
    stdout: stdout.text,
    stderr: stderr.text + note,
    truncated: stdout.truncated || stderr.truncated,
    ...(parts.value === undefined ? {} : { value: parts.value }),
    files: parts.files,
    ...(reason ? { ended: reason.ended } : {}),
    durationMs: performance.now() - parts.begun,
    dispose: parts.dispose,
  };
}

const lineBreak = (text: string): string => (text === '' || text.endsWith('\n') ? '' : '\n');

/** Limits the kernel or V8 enforced before the watch looked. */
function causeOf(exit: Exit, stderr: string): { ended: Ended; what: string | undefined } | undefined {
  if (exit.signal === 'SIGXCPU') return { ended: 'timeout', what: 'its processor time was used up' };
  if (exit.signal === 'SIGABRT' && /FATAL ERROR:.*(heap|memory)/i.test(stderr)) {
    return { ended: 'memory', what: undefined };
  }
  return undefined;
}

/** The answer for a run whose caller gave up while it waited for a place. */
export const abortedBeforeStart = (): PoolResult => ({
  stdout: '',
  stderr: '',
  truncated: false,
  files: [],
  ended: 'aborted',
  durationMs: 0,
  dispose: async () => undefined,
});
