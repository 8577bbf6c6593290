import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Engine } from '../engine/engine.ts';
import type { Principal } from '../model/principal.ts';
import type { ProcessPool } from '../processes/index.ts';
import type { Pool } from '../worker/pool.ts';

/** Who the metrics read as: it may see counts and nothing else. */
const metricsReader: Principal = { name: 'metrics', roles: ['viewer'], groups: [] };

/** Reads counts when they are scraped; nothing is counted on the way of a job. */
export function addMetrics(
  registry: Registry,
  parts: { engine: Engine; pool: Pool; processes: ProcessPool },
): Registry {
  const { engine, pool, processes } = parts;
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'millrace_slots',
    help: 'Places for runs, all and taken.',
    labelNames: ['state'],
    registers,
    collect() {
      const { slots, running } = pool.counts();
      this.set({ state: 'all' }, slots);
      this.set({ state: 'taken' }, running);
    },
  });
  new Gauge({
    name: 'millrace_jobs',
    help: 'Unfinished jobs by queue and state.',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { name, ready, delayed, running, waiting } of await engine.queues.list(metricsReader)) {
        for (const [state, count] of Object.entries({ ready, delayed, running, waiting }))
          this.set({ queue: name, state }, count);
      }
    },
  });
  new Gauge({
    name: 'millrace_waiting_requests',
    help: 'Requests that wait for the end of a job.',
    registers,
    collect() {
      this.set(engine.waiting.count());
    },
  });
  new Gauge({
    name: 'millrace_processes',
    help: 'Processes of user code by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(processes.counts())) this.set({ state }, count);
    },
  });
  return registry;
}
