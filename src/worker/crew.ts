import type { Log } from '../model/log.ts';
import { createWorker, type RunMessage, type Worker, type WorkerSettings } from './worker.ts';

/** The worker threads of this process: one at first, more as there is work for them. */
export interface Crew {
  /** Starts the first; again it does nothing. */
  start(): void;
  /** The worker with the fewest runs, counted as having one more. */
  take(): Worker;
  stop(): Promise<void>;
}

export interface CrewSettings extends Pick<WorkerSettings, 'entry' | 'outbound' | 'sealKey' | 'hangMs'> {
  workers: number;
}

export interface CrewEvents {
  message(worker: Worker, message: RunMessage): void;
  /** The thread of this worker is gone with all its runs; `current` is the job that had it last. */
  lost(worker: Worker, reason: string, current: number | undefined): void;
}

/** Runs that every thread has before another thread is started: a thread costs some 15 MiB. */
const BUSY = 2;

export function createCrew(settings: CrewSettings, events: CrewEvents, log: Log): Crew {
  const workers: Worker[] = [];

  const add = (): Worker => {
    const { entry, outbound, sealKey, hangMs } = settings;
    const index = workers.length;
    const worker: Worker = createWorker(
      { index, entry, outbound, ...(sealKey === undefined ? {} : { sealKey }), hangMs, log },
      {
        message: (message) => events.message(worker, message),
        lost: (reason, current) => events.lost(worker, reason, current),
      },
    );
    workers.push(worker);
    return worker;
  };

  return {
    start: () => void (workers.length === 0 && add()),
    take() {
      const least = workers.reduce((best, worker) => (worker.load < best.load ? worker : best));
      const worker = least.load < BUSY || workers.length >= settings.workers ? least : add();
      worker.load += 1;
      return worker;
    },
    stop: async () => void (await Promise.all(workers.map((worker) => worker.stop()))),
  };
}
