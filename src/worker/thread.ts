import type { MessagePort } from 'node:worker_threads';
import { errorFrom, fail } from '../model/errors.ts';
import { createRegistry } from '../model/registry.ts';
import type { LogLine } from '../model/run.ts';
import { createSealer } from '../model/sealed.ts';
import { createTurnBatch } from '../model/turn-batch.ts';
import type { Outbound } from '../outbound/index.ts';
import type { Definition, Runtime } from '../runtime.ts';
import { readOrder } from './order.ts';
import type { FromThread, ThreadOptions, ToThread } from './protocol.ts';
import { type RunningJob, runJob } from './run-job.ts';
import type { RunPorts } from './run-state.ts';

interface Asked {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** Serves runs inside a worker thread until the thread ends: takes orders from `port`, interprets, answers. */
export function serveThread(
  port: MessagePort,
  options: ThreadOptions,
  runtimes: readonly Runtime[],
  outbound: Outbound,
): void {
  const current = new Int32Array(options.current);
  const sealer = options.sealKey === undefined ? undefined : createSealer(options.sealKey);
  const definitions = new Map<string, { runtime: Runtime; source: string; file: string; definition?: Definition }>();
  const running = createRegistry<RunningJob>();
  const asked = createRegistry<Asked>();
  let requests = 0;
  const send = createTurnBatch<FromThread>((items) => port.postMessage(JSON.stringify(items)));

  const portsOf = (job: number, stored: boolean): RunPorts => {
    let lines: LogLine[] = [];
    let storing: Promise<unknown> | undefined;
    const ports: RunPorts = {
      clock: Date.now,
      outbound,
      ask: (ask, { signal, onOutput } = {}) =>
        new Promise((resolve, reject) => {
          const request = ++requests;
          const drop = () => send({ kind: 'drop', job, request });
          const off = () => signal?.removeEventListener('abort', drop);
          asked.set(request, {
            resolve(value) {
              off();
              resolve(value);
            },
            reject(error) {
              off();
              reject(error);
            },
            ...(onOutput ? { onOutput } : {}),
          });
          send({ kind: 'request', job, request, ask });
          if (signal?.aborted) drop();
          else signal?.addEventListener('abort', drop, { once: true });
        }),
      stored: () => {
        if (!stored) storing ??= ports.ask({ kind: 'store' });
        return storing;
      },
      begun: (entry) => send({ kind: 'begun', job, entry }),
      log: (line) => {
        if (lines.push(line) > 1) return;
        setImmediate(() => {
          send({ kind: 'log', job, lines });
          lines = [];
        });
      },
      touch: () => Atomics.store(current, 0, job),
    };
    return ports;
  };

  const load = (version: string) => {
    const known = definitions.get(version);
    if (!known) throw fail('invariant', `The thread was not given version ${version}.`);
    known.definition ??= known.runtime.parse(known.source, known.file);
    return { runtime: known.runtime, definition: known.definition };
  };

  const handle = (message: ToThread): void => {
    switch (message.kind) {
      case 'define': {
        const runtime = runtimes.find(({ name }) => name === message.runtime);
        if (runtime) definitions.set(message.version, { runtime, source: message.source, file: message.file });
        return;
      }
      case 'forget':
        definitions.delete(message.version);
        return;
      case 'run': {
        const order = readOrder(message);
        const { job, token } = order;
        const run = runJob(order, () => load(job.version), portsOf(job.id, order.stored), sealer);
        running.set(job.id, run);
        void run.done.then((end) => {
          if (running.get(job.id) === run) running.delete(job.id);
          // After the last log lines of the run, which wait for the end of their turn.
          setImmediate(() => send({ kind: 'end', job: job.id, token, end }));
        });
        return;
      }
      case 'abort':
        running.get(message.job)?.stop(message.reason);
        return;
      case 'reply': {
        const waiting = asked.get(message.request);
        asked.delete(message.request);
        if (message.error) waiting?.reject(errorFrom(message.error));
        else waiting?.resolve(message.value);
        return;
      }
      case 'output':
        asked.get(message.request)?.onOutput?.(message.stream, message.text);
        return;
      case 'ping':
        send({ kind: 'pong', at: message.at });
        return;
    }
  };
  // An error that no run caught belongs to none that could be named. All state here is a run's own, so the others go on;
  // the run whose callback it was is ended by its limits or by cancel, and the log has the stack.
  const stray = (error: unknown): void =>
    send({ kind: 'stray', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);

  // Loaded: from here on, silence means that something holds the thread. Said at once, before a first run can hold it.
  port.postMessage(JSON.stringify([{ kind: 'pong', at: 0 } satisfies FromThread]));
  port.on('message', (text: string) => {
    for (const message of JSON.parse(text) as ToThread[]) handle(message);
  });
}
