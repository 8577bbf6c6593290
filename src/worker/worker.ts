import type { Worker as Thread } from 'node:worker_threads';
import type { Log } from '../model/log.ts';
import { createTurnBatch } from '../model/turn-batch.ts';
import { startThread } from '../threads.ts';
import type { FromThread, JsonText, ThreadOptions, ToThread } from './protocol.ts';

/** One worker thread as the main thread sees it; it is replaced when it hangs or dies, under the same index. */
export interface Worker {
  index: number;
  /** Runs it has now. */
  load: number;
  send(message: ToThread): void;
  /** A message that is text already. */
  sendText(message: JsonText): void;
  /** True when this thread has that version. */
  knows(version: string): boolean;
  /** Gives the thread a version; the oldest it has goes when it has too many. */
  define(message: Extract<ToThread, { kind: 'define' }>): void;
  /** Ends the thread at once and starts another; everything it ran is reported lost. */
  replace(reason: string): void;
  stop(): Promise<void>;
}

/** What a thread says of its runs. */
export type RunMessage = Exclude<FromThread, { kind: 'pong' | 'stray' }>;

export interface WorkerEvents {
  message(message: RunMessage): void;
  /** The thread is gone with all its runs; `current` is the job that had it last, if any can be blamed. */
  lost(reason: string, current: number | undefined): void;
}

export interface WorkerSettings {
  index: number;
  entry: URL;
  outbound: ThreadOptions['outbound'];
  sealKey?: Uint8Array;
  /** A thread that does not answer for this long is replaced, in milliseconds. */
  hangMs: number;
  log: Log;
}

/** A thread that did not answer for this long after its start will not any more, in milliseconds. */
const START_MS = 60_000;
/** Pause before a thread that failed while loading is started again, in milliseconds. */
const RESTART_MS = 1_000;

/** Definitions a thread keeps at most; the oldest goes first. */
const KEPT_VERSIONS = 500;

export function createWorker(settings: WorkerSettings, events: WorkerEvents): Worker {
  const { index, entry, outbound, sealKey, hangMs, log } = settings;
  let current = new Int32Array(new SharedArrayBuffer(4));
  let versions = new Set<string>();
  let thread: Thread | undefined = start();
  let lastPong = performance.now();
  /** False until the thread answered once: loading it may take long on a busy machine. */
  let awake = false;
  let lastTick = performance.now();
  let stopped = false;
  let post: (message: JsonText) => void = createPost(thread);

  function start(): Thread {
    current = new Int32Array(new SharedArrayBuffer(4));
    versions = new Set();
    const workerData: ThreadOptions = {
      index,
      outbound,
      ...(sealKey === undefined ? {} : { sealKey }),
      current: current.buffer as SharedArrayBuffer,
    };
    const started = startThread(entry, {
      workerData,
      // The interpreter is our own code, but a workflow may gather much data; beyond this the thread ends, not the server.
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
      // Secrets of the server are not the business of a run.
      env: {},
      stdout: false,
      stderr: false,
    });
    started.on('message', (text: string) => {
      if (started !== thread) return;
      for (const message of JSON.parse(text) as FromThread[]) {
        if (message.kind === 'pong') {
          lastPong = performance.now();
          awake = true;
        } else if (message.kind === 'stray')
          log.error({ worker: index, error: message.error }, 'an error in a worker thread was caught by no run');
        else events.message(message);
      }
    });
    started.on('error', (error) =>
      lose(started, `it failed: ${error instanceof Error ? error.message : String(error)}`),
    );
    started.on('exit', () => lose(started, 'it ended'));
    return started;
  }

  function lose(which: Thread, reason: string): void {
    if (which !== thread || stopped) return;
    const blamed = Atomics.load(current, 0) || undefined;
    log.warn({ worker: index, job: blamed, reason }, 'worker thread replaced');
    const held: JsonText[] = [];
    const begin = () => {
      if (stopped) return;
      thread = start();
      post = createPost(thread);
      for (const message of held) post(message);
    };
    post = (message) => void held.push(message);
    thread = undefined;
    // What fails before it ever answered would fail again at once, over and over.
    if (awake) begin();
    else setTimeout(begin, RESTART_MS);
    awake = false;
    lastPong = performance.now();
    worker.load = 0;
    void which.terminate();
    events.lost(reason, blamed);
  }

  function createPost(to: Thread) {
    return createTurnBatch<JsonText>((messages) => {
      if (to === thread && !stopped) to.postMessage(`[${messages.join(',')}]`);
    });
  }

  const send = (message: ToThread): void => post(JSON.stringify(message));

  const watch = setInterval(() => {
    const now = performance.now();
    // When this thread itself was held up, the silence of the other proves nothing.
    if (now - lastTick > 2_000) lastPong = now;
    lastTick = now;
    if (thread && now - lastPong > (awake ? hangMs : START_MS))
      lose(thread, `it did not answer for ${Math.round((now - lastPong) / 1000)} s`);
    else send({ kind: 'ping', at: now });
  }, 500).unref();

  const worker: Worker = {
    index,
    load: 0,
    send,
    sendText: (message) => post(message),
    knows: (version) => versions.has(version),
    define(message) {
      if (versions.size >= KEPT_VERSIONS) {
        const oldest = versions.values().next().value as string;
        versions.delete(oldest);
        send({ kind: 'forget', version: oldest });
      }
      versions.add(message.version);
      send(message);
    },
    replace(reason) {
      if (thread) lose(thread, reason);
    },
    async stop() {
      stopped = true;
      clearInterval(watch);
      await thread?.terminate();
    },
  };
  return worker;
}
