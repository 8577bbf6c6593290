import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, startAll, stopAll } from '../../src/lifecycle.ts';
import { createTimekeeper } from '../../src/maintenance/timekeeper.ts';
import { isFinal, type Job, type NewJob } from '../../src/model/job.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { createProcessPool, defaultProcessLimits } from '../../src/processes/index.ts';
import type { Store } from '../../src/store.ts';
import { openStore } from '../../src/stores/index.ts';
import { createLeases } from '../../src/worker/leases.ts';
import { createPool, type Pool } from '../../src/worker/pool.ts';
import { newJob } from '../stores/samples.ts';
import { probeRuntime } from './probe-runtime.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const clock = Date.now;
const version = { hash: 'a'.repeat(64), runtime: 'probe', source: '', info: probeRuntime.parse('', '').info };

export interface PoolOptions {
  workers?: number;
  slots?: number;
  graceMs?: number;
  /** What stands between the pool and its store. */
  through?: (store: Store) => Store;
}

/** Everything that stands between a stored job and its end, on one folder. */
export interface PoolBench {
  /** As the server of that name; again and again on the same folder. */
  start(owner: string, options?: PoolOptions): Promise<void>;
  /** Answers what went wrong. */
  stop(deadlineMs?: number): Promise<unknown[]>;
  readonly store: Store;
  readonly pool: Pool;
  /** A job that does what its input says; see `probeRuntime`. */
  job(input: JsonObject, more?: Partial<NewJob>): NewJob;
  /** Stores a job, and answers its id. */
  submit(input: JsonObject, more?: Partial<NewJob>): Promise<number>;
  /** The job once it has ended, or as it is when the time is over. */
  ended(id: number, withinMs?: number): Promise<Job>;
  remove(): Promise<void>;
}

export async function createPoolBench(): Promise<PoolBench> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pool-'));
  let store: Store;
  let pool: Pool;
  let services: Service[] = [];

  const bench: PoolBench = {
    get store() {
      return store;
    },
    get pool() {
      return pool;
    },
    async start(owner, { workers = 1, slots = 4, graceMs = 1_000, through = (own: Store) => own } = {}) {
      const opened = await openStore(folder);
      store = opened.store;
      await store.saveVersion(version, clock());
      const processes = createProcessPool({
        workFolder: join(folder, 'work'),
        concurrency: 1,
        warm: 0,
        reuse: 0,
        limits: defaultProcessLimits,
        environment: {},
        log() {},
      });
      pool = createPool({
        ...opened,
        store: through(store),
        processes,
        clock,
        log: quiet,
        random: () => 0,
        version: (hash) => store.findVersion(hash),
        submitChild: async () => ({ id: 0, uuid: '' }),
        cancelChild: async () => {},
        secret: async () => null,
        maxFileBytes: 1_000,
        settings: {
          owner,
          workers,
          slots,
          leaseMs: 10_000,
          graceMs,
          hangMs: 2_000,
          maxInterruptions: 2,
          entry: new URL('./probe-thread.ts', import.meta.url),
          outbound: { private: 'refuse', allow: [], maxBytes: 1, timeoutMs: 1, maxRedirects: 0, userAgent: 'test' },
        },
      });
      const settings = { owner, leaseMs: 10_000, maxInterruptions: 2 };
      services = [
        { name: 'store', stop: () => store.close() },
        processes,
        pool,
        createLeases({ store, pool, settings, clock, log: quiet }),
        createTimekeeper({ store, clock, log: quiet }),
      ];
      await startAll(services);
    },
    stop: (deadlineMs = 5_000) => stopAll(services, deadlineMs),
    job(input, more) {
      const asked = { workflow: '/probe', version: version.hash, input: { json: JSON.stringify(input) } };
      return newJob({ ...asked, createdAt: clock(), ...more });
    },
    submit: async (input, more) => (await store.insertJob(bench.job(input, more))).job.id,
    async ended(id, withinMs = 30_000) {
      let job = await store.findJob(id);
      for (const end = Date.now() + withinMs; job && !isFinal(job.state) && Date.now() < end; ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        job = await store.findJob(id);
      }
      return job!;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  return bench;
}
