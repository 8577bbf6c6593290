import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../model/errors.ts';
import type { Context } from './context.ts';
import { isUntouched } from './folders.ts';
import { type Host, startHost } from './host.ts';
import { readProcess } from './proc.ts';

/** The warm Node processes: spare ones that have run nothing, and used ones kept for their key. */
export interface Hosts {
  /** True when hosts cannot start processes of their own. */
  alone: boolean;
  /** A used host of that key, or a spare one, or a new one. */
  take(key: string | undefined): Promise<Host>;
  /** Keeps a host for the next run of its key, if it is still fit for one. */
  giveBack(host: Host, key: string): Promise<void>;
  /** Ends a host; settles when it is gone. */
  discard(host: Host): Promise<void>;
  warm(): number;
  /** Fills up the spare ones. */
  fill(): void;
  stop(): Promise<void>;
}

export interface HostsOptions {
  /** Spare hosts to keep ready. */
  spare: number;
  /** Used hosts to keep, of all keys together. */
  used: number;
  /** Runs of one host. */
  runs: number;
  permissions: boolean;
}

/** A used host is ended when it holds this much more than after its start: a leak of the script's would go on growing. */
const growthBytes = 64 * 1024 * 1024;

/** Milliseconds a used host is kept without a run. */
const idleMs = 60_000;

const longestPauseMs = 30_000;

/** Keeps the warm processes. */
export function createHosts(context: Context, options: HostsOptions): Hosts {
  const spare = new Set<Host>();
  // In order of last use, oldest first.
  const used = new Map<Host, { key: string; timer: NodeJS.Timeout }>();
  const live = new Set<Host>();
  const startBytes = new WeakMap<Host, number>();
  let starting = 0;
  let failures = 0;
  let stopped = false;
  let pause: NodeJS.Timeout | undefined;

  const start = async (): Promise<Host> => {
    const host = await startHost(context, { permissions: options.permissions, lifetimeRuns: options.runs });
    live.add(host);
    try {
      await host.ready;
      if (stopped) throw fail('draining', 'The server is stopping; no more scripts are begun.');
    } catch (error) {
      await discard(host);
      throw error;
    }
    startBytes.set(host, readProcess(host.child.tree.pid)?.residentBytes ?? 0);
    return host;
  };

  const discard = async (host: Host): Promise<void> => {
    spare.delete(host);
    forget(host);
    await host.destroy();
    live.delete(host);
  };

  /** Ends a host that nobody waits for. */
  const discardQuietly = (host: Host) => void discard(host);

  const forget = (host: Host) => {
    clearTimeout(used.get(host)?.timer);
    used.delete(host);
  };

  const addSpare = (host: Host) => {
    failures = 0;
    spare.add(host);
    void host.child.exited.then(() => {
      if (!spare.has(host)) return;
      discardQuietly(host);
      fill();
    });
  };

  const fill = () => {
    if (stopped || pause || spare.size + starting >= options.spare) return;
    starting += 1;
    start()
      .then(addSpare, (error: unknown) => {
        failures += 1;
        if (!stopped) context.log('error', 'a process for scripts did not start', { error });
      })
      .finally(() => {
        starting -= 1;
        // A machine on which none starts must not be kept busy with trying.
        if (failures === 0) return fill();
        pause = setTimeout(
          () => {
            pause = undefined;
            fill();
          },
          Math.min(longestPauseMs, 250 * 2 ** failures),
        );
        pause.unref();
      });
  };

  return {
    alone: options.permissions,
    fill,
    discard,
    warm: () => spare.size + used.size,
    async take(key) {
      if (key !== undefined) {
        for (const [host, use] of used) {
          if (use.key !== key) continue;
          forget(host);
          if (host.healthy()) return host;
          discardQuietly(host);
        }
      }
      for (const host of spare) {
        spare.delete(host);
        fill();
        if (host.healthy()) return host;
        discardQuietly(host);
      }
      return start();
    },
    async giveBack(host, key) {
      const bytes = readProcess(host.child.tree.pid)?.residentBytes ?? 0;
      const grown = bytes > (startBytes.get(host) ?? 0) + growthBytes;
      if (stopped || grown || host.runs() >= options.runs || options.used === 0) return discard(host);
      await clean(context, host.folder);
      if (!host.healthy()) return discard(host);
      const timer = setTimeout(() => discardQuietly(host), idleMs);
      timer.unref();
      used.set(host, { key, timer });
      void host.child.exited.then(() => {
        if (used.has(host)) discardQuietly(host);
      });
      for (const oldest of used.keys()) {
        if (used.size <= options.used) break;
        discardQuietly(oldest);
      }
    },
    async stop() {
      stopped = true;
      clearTimeout(pause);
      await Promise.all([...live].map(discard));
    },
  };
}

/** Removes what the run left, so that the next finds an empty folder. Scripts may write beside their run's folder too. */
async function clean(context: Context, folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (name !== 'work' || !isUntouched(join(folder, name))) await context.remove(join(folder, name));
  }
}
