import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import type { Change } from '../../model/change.ts';
import { fail, type MillraceError } from '../../model/errors.ts';
import { createRegistry } from '../../model/registry.ts';
import { createTurnBatch } from '../../model/turn-batch.ts';
import { startThread } from '../../threads.ts';
import type { Call } from './batch.ts';
import { fromWire } from './failures.ts';
import { unpackChange } from './packed.ts';
import { serve } from './serve.ts';
import { type Answer, CLOSE, type ThreadOptions } from './wire.ts';

/** The caller's side of one database thread. */
export interface Channel {
  call(verb: string, args: unknown[]): Promise<unknown>;
  /** Calls that have no answer yet. */
  pending(): number;
  /** When something was last answered without an error, by `performance.now()`. */
  answeredAt(): number;
  /** Waits for what is under way, then closes the connection and ends the thread. */
  close(): Promise<void>;
}

export interface ChannelParts {
  /** Runs before the callers of the same answer go on. */
  onChanges?(changes: Change[]): void;
  /** The thread cannot go on, or was lost again and again. */
  onFatal(error: MillraceError): void;
  /** False: the connection lives on the caller's thread, behind the same messages. */
  threads: boolean;
}

interface Waiter {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A thread that is lost more often than this within a minute is not started again. */
const MAX_RESTARTS = 3;

/** Starts a database thread; settles when its connection is open, with what it reports of its start. */
export async function openChannel(
  options: ThreadOptions,
  parts: ChannelParts,
): Promise<{ channel: Channel; started: NonNullable<Answer['ready']> }> {
  let waiting = createRegistry<Waiter>();
  let number = 0;
  let closing = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let lostAt: number[] = [];
  let idle: (() => void) | undefined;
  let thread: Worker | MessagePort;
  let send: (call: Call) => void;
  const started = await start();

  function start(): Promise<NonNullable<Answer['ready']>> {
    const worker = parts.threads ? startDatabaseThread(options) : serveHere(options);
    thread = worker;
    // Into one message and one transaction. What was collected for a thread that is lost goes to none: its callers know.
    send = createTurnBatch((calls) => {
      if (thread === worker) worker.postMessage(JSON.stringify(calls));
    });
    return new Promise((resolve, reject) => {
      let ready = false;
      worker.on('message', (text: string) => {
        const answer = JSON.parse(text) as Answer;
        if (answer.ready) {
          ready = true;
          resolve(answer.ready);
        }
        if (answer.failed) reject(fromWire(answer.failed));
        if (answer.results) settle(answer);
        if (answer.fatal) parts.onFatal(fromWire(answer.fatal));
      });
      const lost = (cause: unknown): void => {
        const detail = 'The database thread was lost; it is being started again.';
        const error = fail('store-unavailable', { detail, cause });
        if (!ready) reject(error);
        else if (thread === worker && !closing) replace(error);
      };
      worker.on('error', lost);
      worker.on('exit', lost);
      worker.on('close', lost);
    });
  }

  /** What was under way may or may not be on disk: its callers hear so, and a new thread takes over. */
  function replace(error: MillraceError): void {
    const now = performance.now();
    lostAt = [...lostAt.filter((at) => now - at < 60_000), now];
    failAll(error);
    if (lostAt.length > MAX_RESTARTS) giveUp(error);
    else start().catch(giveUp);
  }

  function giveUp(error: MillraceError): void {
    closing = true;
    failAll(error);
    parts.onFatal(error);
  }

  function failAll(error: MillraceError): void {
    const lost = waiting;
    waiting = createRegistry();
    for (const waiter of lost.values()) waiter.reject(error);
    idle?.();
  }

  function settle({ results = [], changes = [] }: Answer): void {
    if (changes.length > 0) parts.onChanges?.(changes.map(unpackChange));
    let succeeded = false;
    for (const [id, value, error] of results) {
      const waiter = waiting.get(id);
      waiting.delete(id);
      if (error) waiter?.reject(fromWire(error));
      else {
        succeeded = true;
        waiter?.resolve(value);
      }
    }
    if (succeeded) answeredAt = performance.now();
    if (waiting.size() === 0) idle?.();
  }

  const channel: Channel = {
    call(verb, args) {
      if (closing) return Promise.reject(fail('store-unavailable', 'The store is closed.'));
      return new Promise((resolve, reject) => {
        waiting.set(++number, { resolve, reject });
        // JSON has no undefined: an argument left out at the end is left out there too.
        while (args.length > 0 && args.at(-1) === undefined) args.pop();
        send([number, verb, args]);
      });
    },
    pending: () => waiting.size(),
    answeredAt: () => answeredAt,
    async close() {
      if (closing) return;
      if (waiting.size() > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      closing = true;
      await new Promise<void>((resolve) => {
        thread.once('exit', () => resolve());
        thread.once('close', () => resolve());
        thread.postMessage(CLOSE);
      });
    },
  };
  return { channel, started };
}

const startDatabaseThread = (options: ThreadOptions): Worker =>
  startThread(new URL('./thread.ts', import.meta.url), { workerData: options });

function serveHere(options: ThreadOptions): MessagePort {
  const { port1, port2 } = new MessageChannel();
  setImmediate(serve, port2, options);
  return port1;
}

/** Copies the database on a thread of its own, from what is committed now, while the others go on. */
export function copyDatabase(file: string, target: string): Promise<void> {
  const options: ThreadOptions = { role: 'backup', file, target };
  const worker = startDatabaseThread(options);
  return new Promise((resolve, reject) => {
    worker.on('message', (text: string) => {
      const { failed } = JSON.parse(text) as Answer;
      if (failed) reject(fromWire(failed));
      else resolve();
    });
    worker.on('error', reject);
  });
}
