import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { ActiveRun } from './active-run.ts';
import type { RunEnd } from './protocol.ts';
import { answer, type RequestParts } from './requests.ts';
import { stopText } from './stop-reason.ts';
import type { RunMessage, Worker } from './worker.ts';

/** Log lines kept of a synchronous run; it is discarded at its end in any case. */
const MOST_UNSTORED_LINES = 1_000;

/** Does what the runs in the worker threads say and ask for. */
export function createRunMessages(
  parts: RequestParts & {
    find(job: number): ActiveRun | undefined;
    ended(run: ActiveRun, end: RunEnd): Promise<void>;
    log: Log;
  },
): (worker: Worker, message: RunMessage) => void {
  const { store, persist, log } = parts;

  function serve(run: ActiveRun, { request, ask }: Extract<RunMessage, { kind: 'request' }>): void {
    const controller = new AbortController();
    const onOutput = (stream: 'stdout' | 'stderr', text: string) =>
      run.worker.send({ kind: 'output', request, stream, text });
    const settled = answer(parts, run, ask, controller.signal, onOutput).then((reply) => {
      run.requests.delete(request);
      if (parts.find(run.claim.job.id) === run) run.worker.send({ kind: 'reply', request, ...reply });
    });
    run.requests.set(request, { controller, settled });
    if (run.stop) controller.abort(fail('interrupted', stopText(run.stop)));
  }

  return (worker, message) => {
    const run = parts.find(message.job);
    if (run?.worker !== worker) return;
    switch (message.kind) {
      case 'begun':
        parts
          .promote(run)
          .then(() => persist(() => store.checkpoint(run.claim.fence, [message.entry])))
          .catch((error) => log.warn({ err: error, job: message.job }, 'the begin of a step was not recorded'));
        return;
      case 'log':
        if (run.unstored) {
          const { log: kept, submit } = run.unstored;
          for (const line of message.lines) if (submit || kept.length < MOST_UNSTORED_LINES) kept.push(line);
        } else {
          store
            .appendLog(message.job, message.lines)
            .catch((error) => log.warn({ err: error, job: message.job }, 'log lines were not kept'));
        }
        return;
      case 'request':
        serve(run, message);
        return;
      case 'drop':
        run.requests.get(message.request)?.controller.abort(fail('interrupted', 'The step was stopped.'));
        return;
      case 'end':
        if (message.token === run.claim.fence.token) void parts.ended(run, message.end);
        return;
    }
  };
}
