import { parentPort, workerData } from 'node:worker_threads';
import { createOutbound } from './outbound/index.ts';
import { createRuntimes } from './runtimes/index.ts';
import type { ThreadOptions } from './worker/protocol.ts';
import { serveThread } from './worker/thread.ts';

// What `app/parts.ts` is to the process, this file is to a worker thread: it alone names the concrete parts.
const options = workerData as ThreadOptions;
if (parentPort) serveThread(parentPort, options, createRuntimes(), createOutbound(options.outbound));
