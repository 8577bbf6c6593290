import { fail } from '../model/errors.ts';
import type { Principal } from '../model/principal.ts';
import type { Queue, QueueCounts } from '../model/queue.ts';
import type { Store } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Slots } from './slots.ts';

export type QueueView = Queue & Omit<QueueCounts, 'queue'>;

/** Named lines of jobs. */
export interface Queues {
  list(principal: Principal): Promise<QueueView[]>;
  get(principal: Principal, name: string): Promise<QueueView>;
  /** Makes a queue; needs operator. Throws `exists` for a name that is taken, also by a request at the same moment. */
  make(principal: Principal, queue: Queue): Promise<QueueView>;
  /** Makes or changes a queue; needs operator. */
  save(principal: Principal, queue: Queue): Promise<QueueView>;
  remove(principal: Principal, name: string): Promise<void>;
  /** Throws `invalid-input` naming the queues there are. */
  require(name: string): void;
  /** True when a job of this queue can be begun at once without asking the store. */
  isOpen(name: string): boolean;
  reload(): Promise<void>;
}

const empty = { ready: 0, delayed: 0, running: 0, waiting: 0 };

export function createQueues(parts: {
  store: Store;
  access: Access;
  slots: Slots;
  audit: Audit;
  clock: () => number;
}): Queues {
  const { store, access, slots, audit, clock } = parts;
  let known = new Map<string, Queue>();

  const reload = async (): Promise<void> => {
    known = new Map((await store.listQueues()).map((queue) => [queue.name, queue]));
    slots.limit([...known.values()].filter(({ concurrency }) => concurrency !== undefined).map(({ name }) => name));
  };

  const list = async (): Promise<QueueView[]> => {
    const counts = new Map((await store.countQueues(clock())).map(({ queue, ...rest }) => [queue, rest]));
    return [...known.values()].map((queue) => ({ ...queue, ...(counts.get(queue.name) ?? empty) }));
  };

  const get = async (name: string): Promise<QueueView> => {
    const queue = (await list()).find((one) => one.name === name);
    if (!queue) throw fail('not-found', `There is no queue ${name}. There are: ${[...known.keys()].join(', ')}.`);
    return queue;
  };

  const save = async (principal: Principal, queue: Queue): Promise<QueueView> => {
    access.requireRole(principal, 'admin', 'operator');
    await store.saveQueue(queue);
    await reload();
    await audit(principal, 'queue.save', queue.name);
    return get(queue.name);
  };

  /** Names on their way into the store: the second of two requests for one must not find it free. */
  const coming = new Set<string>();

  return {
    list,
    get: (_principal, name) => get(name),
    save,
    async make(principal, queue) {
      access.requireRole(principal, 'admin', 'operator');
      const { name } = queue;
      if (known.has(name) || coming.has(name)) throw fail('exists', `There is a queue ${name} already.`);
      coming.add(name);
      try {
        return await save(principal, queue);
      } finally {
        coming.delete(name);
      }
    },
    async remove(principal, name) {
      access.requireRole(principal, 'admin', 'operator');
      await get(name);
      await store.deleteQueue(name);
      await reload();
      await audit(principal, 'queue.delete', name);
    },
    require(name) {
      if (known.has(name)) return;
      const accepted = [...known.keys()].join(', ');
      throw fail('invalid-input', {
        detail: `queue: there is no queue "${name}". Accepted: ${accepted}.`,
        errors: [
          { pointer: '/queue', message: `There is no queue "${name}". Accepted: ${accepted}.`, value: name, accepted },
        ],
      });
    },
    isOpen(name) {
      const queue = known.get(name);
      return queue !== undefined && !queue.paused && queue.concurrency === undefined;
    },
    reload,
  };
}
