import { fail } from '../../../model/errors.ts';
import type { Json } from '../../../model/json.ts';
import type { ProcessRequest, ProcessResult } from '../../../model/process.ts';
import { effectOf } from '../effect.ts';
import { raise } from '../errors.ts';
import type { Frame, Result } from '../model.ts';

export const returns = ['stdout', 'stderr', 'code', 'all', 'none'] as const;
export type Returned = (typeof returns)[number];

/** `await` and `return` of a `run` task; `returned` is undefined where the workflow does not say. */
export interface RunOptions {
  awaited: boolean;
  returned: Returned | undefined;
}

/**
 * Runs a process as the effect of a task. One that fails is an error, except where the workflow asks for the exit code
 * and so looks at it itself. With `await: false` the process is still seen to its end, because nothing may outlive its
 * job, but its outcome is of no interest and the input goes on.
 */
export async function runProcess(
  frame: Frame,
  { awaited, returned }: RunOptions,
  request: (signal: AbortSignal) => Promise<ProcessRequest> | ProcessRequest,
): Promise<Result> {
  const output = await effectOf<Json>(frame, async ({ signal, attempt, idempotencyKey }) => {
    const made = await request(signal);
    // The code can tell a repetition after a crash, and let the other side of its effect tell it too.
    const told = { MILLRACE_ATTEMPT: String(attempt), MILLRACE_IDEMPOTENCY_KEY: idempotencyKey };
    const lines = createLines(frame);
    const result = await frame.context.process(
      { ...made, environment: { ...made.environment, ...told } },
      { signal, onOutput: lines.add },
    );
    lines.end();
    if (!awaited) return null;
    checkEnd(result, returned);
    return outputOf(result, returned);
  });
  return { output: awaited ? output : frame.input };
}

/** Longest text without a line end that is held back, in characters. */
const LONGEST_LINE = 8_192;

/** Writes what a process prints to the log of the job, line by line, whatever pieces it comes in. */
function createLines(frame: Frame) {
  const rest = { stdout: '', stderr: '' };
  const write = (stream: 'stdout' | 'stderr', text: string) =>
    frame.context.log({ level: stream === 'stderr' ? 'warn' : 'info', step: frame.key, stream, text });
  return {
    add(stream: 'stdout' | 'stderr', text: string): void {
      const lines = (rest[stream] + text).split(/\r?\n/);
      rest[stream] = lines.pop() ?? '';
      for (const line of lines) write(stream, line);
      if (rest[stream].length <= LONGEST_LINE) return;
      write(stream, rest[stream]);
      rest[stream] = '';
    },
    end(): void {
      for (const stream of ['stdout', 'stderr'] as const) if (rest[stream] !== '') write(stream, rest[stream]);
    },
  };
}

function checkEnd(result: ProcessResult, returned: Returned | undefined): void {
  if (result.ended === 'timeout') throw raise('timeout', 'The process took longer than it may and was ended.');
  if (result.ended === 'memory' || result.ended === 'output') {
    const what = result.ended === 'memory' ? 'used more memory than it may' : 'wrote more output than it may';
    throw fail('limit-exceeded', { detail: `The process ${what} and was ended.`, extra: { kind: 'runtime' } });
  }
  if (returned === 'code' || returned === 'all' || result.code === 0) return;
  const how =
    result.code === undefined ? `was ended by ${result.signal ?? 'a signal'}` : `ended with code ${result.code}`;
  const said = lastLines(result.stderr) || lastLines(result.stdout);
  throw raise('runtime', `The process ${how}${said === '' ? '.' : `: ${said}`}`, { title: 'Process failed' });
}

/** The end of what a process wrote: most programs name the cause last. Frames of Node and of our host tell an author nothing. */
function lastLines(text: string): string {
  const told = text
    .trimEnd()
    .split('\n')
    .filter((line) => !/^\s+at .*(\bnode:|\/hosts\/javascript\.mjs)/.test(line));
  const lines = told.slice(-5).join('\n');
  return lines.length > 1000 ? `…${lines.slice(-999)}` : lines;
}

/**
 * What a process gives (DSL reference, "Run"). Line ends at the end of a text are left out, as a shell does. Where the
 * workflow does not say what it wants, the value a JavaScript script returned goes before its standard output.
 */
function outputOf(result: ProcessResult, returned: Returned | undefined): Json {
  const stdout = trimmed(result.stdout);
  const stderr = trimmed(result.stderr);
  const code = result.code ?? -1;
  switch (returned) {
    case undefined:
      return result.value === undefined ? stdout : (result.value as Json);
    case 'stdout':
      return stdout;
    case 'stderr':
      return stderr;
    case 'code':
      return code;
    case 'all':
      return { code, stdout, stderr };
    case 'none':
      return null;
  }
}

const trimmed = (text: string): string => text.replace(/(\r?\n)+$/, '');
