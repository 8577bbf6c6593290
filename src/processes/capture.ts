import type { ProcessLog } from './options.ts';
import { createOutput, type Output } from './output.ts';

/** Both streams of one run, with one cap over the two. */
export interface Capture {
  stdout: Output;
  stderr: Output;
}

export interface CaptureOptions {
  keepBytes: number;
  /** Bytes of both together, after which `onExceeded` is called once and further output is dropped. */
  capBytes: number;
  onOutput: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
  onExceeded(what: string): void;
  log: ProcessLog;
}

/** Collects what a run prints. A listener that throws is logged once and not called again. */
export function createCapture(options: CaptureOptions): Capture {
  let total = 0;
  let exceeded = false;
  let listener = options.onOutput;

  const stream = (name: 'stdout' | 'stderr'): Output => {
    const output = createOutput({
      keepBytes: options.keepBytes,
      onText(text) {
        try {
          listener?.(name, text);
        } catch (error) {
          listener = undefined;
          options.log('error', 'a listener for process output threw', { error });
        }
      },
    });
    return {
      finish: output.finish,
      push(chunk) {
        const room = Math.max(0, options.capBytes - total);
        total += chunk.length;
        if (room > 0) output.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
        if (chunk.length > room && !exceeded) {
          exceeded = true;
          options.onExceeded(`more than ${options.capBytes} bytes of output`);
        }
      },
    };
  };
  return { stdout: stream('stdout'), stderr: stream('stderr') };
}
