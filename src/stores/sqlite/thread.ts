import { parentPort, workerData } from 'node:worker_threads';
import { serve } from './serve.ts';
import type { ThreadOptions } from './wire.ts';

// The entry of a database thread.
if (parentPort) serve(parentPort, workerData as ThreadOptions);
