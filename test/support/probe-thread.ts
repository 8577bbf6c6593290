import { parentPort, workerData } from 'node:worker_threads';
import { createOutbound } from '../../src/outbound/index.ts';
import type { ThreadOptions } from '../../src/worker/protocol.ts';
import { serveThread } from '../../src/worker/thread.ts';
import { probeRuntime } from './probe-runtime.ts';

const options = workerData as ThreadOptions;
if (parentPort) serveThread(parentPort, options, [probeRuntime], createOutbound(options.outbound));
