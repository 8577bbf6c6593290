import type { Principal } from '../model/principal.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Slots } from './slots.ts';

/** One place for a run on this server, numbered from 1. */
export interface SlotView {
  number: number;
  /** The job that runs there. */
  job?: number;
}

export interface WorkersView {
  /** Name of this server in leases. */
  server: string;
  slots: SlotView[];
}

/** The places where this server runs jobs. */
export interface Workers {
  /** Needs operator. A job keeps its place as long as it runs. */
  list(principal: Principal): WorkersView;
  /** Changes how many there are until the server ends; what runs runs on. Needs operator. */
  resize(principal: Principal, slots: number): Promise<void>;
}

export function createWorkers(parts: {
  server: string;
  slots: Pick<Slots, 'counts' | 'running' | 'resize'>;
  access: Access;
  audit: Audit;
}): Workers {
  const { server, slots, access, audit } = parts;
  /** Nobody numbers places while jobs run: whoever looks gives a number to what is new, and takes that of what ended. */
  let places: (number | undefined)[] = [];

  return {
    list(principal) {
      access.requireRole(principal, 'admin', 'operator');
      const running = new Set(slots.running());
      places = places.map((job) => (job !== undefined && running.delete(job) ? job : undefined));
      for (const job of running) {
        const free = places.indexOf(undefined);
        places[free < 0 ? places.length : free] = job;
      }
      while (places.length > 0 && places.at(-1) === undefined) places.pop();
      const length = Math.max(slots.counts().slots, places.length);
      return {
        server,
        slots: Array.from({ length }, (_, index): SlotView => {
          const job = places[index];
          return job === undefined ? { number: index + 1 } : { number: index + 1, job };
        }),
      };
    },
    async resize(principal, count) {
      access.requireRole(principal, 'admin', 'operator');
      slots.resize(count);
      await audit(principal, 'workers.resize', server, `${count} slots`);
    },
  };
}
