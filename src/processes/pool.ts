import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../model/errors.ts';
import type { ProcessRequest } from '../model/process.ts';
import { accountProcesses, findHelpers } from './command.ts';
import { runContainer } from './container.ts';
import type { Context } from './context.ts';
import { createEngines } from './engines.ts';
import { cleanEnvironment } from './environment.ts';
import { checkedFolder, makeServerFolder, removeFolder } from './folders.ts';
import { createHosts, type Hosts } from './hosts.ts';
import { runJavaScript } from './javascript.ts';
import { reapLeftovers, serverName } from './leftovers.ts';
import {
  defaultKeepBytes,
  type ProcessLimits,
  type ProcessPool,
  type ProcessPoolOptions,
  type ProcessRunOptions,
} from './options.ts';
import { hasProc } from './proc.ts';
import { createPython } from './python.ts';
import { abortedBeforeStart, type PoolResult } from './result.ts';
import { runShell } from './shell.ts';
import { createSlots } from './slots.ts';
import { createWatch } from './watch.ts';

/** What exists between start and stop. */
interface Running {
  context: Context;
  hosts: Hosts;
  run(request: ProcessRequest, options: ProcessRunOptions): Promise<PoolResult>;
}

/**
 * Makes the pool of child processes for all user code. It must be started first: `start` ends what an earlier, dead
 * server left behind and begins to warm up; `stop` ends all runs (asked first, then killed) and removes the folders.
 */
export function createProcessPool(options: ProcessPoolOptions): ProcessPool {
  checkOptions(options);
  const slots = createSlots(options.concurrency);
  const stopping = new AbortController();
  const active = new Set<Promise<unknown>>();
  let graceMs = options.limits.graceMs;
  let running: Running | undefined;

  const execute = async (request: ProcessRequest, signal: AbortSignal, run: ProcessRunOptions) => {
    const leave = await slots.take(signal);
    if (!leave) return abortedBeforeStart();
    try {
      return await running!.run(request, { ...run, signal });
    } finally {
      leave();
    }
  };

  return {
    name: 'processes',
    counts: () => ({ running: slots.taken(), waiting: slots.waiting(), warm: running?.hosts.warm() ?? 0 }),

    async start() {
      running = await begin(options, () => ({ ...options.limits, graceMs }));
      const { hosts } = running;
      if (options.warmAfterMs) setTimeout(hosts.fill, options.warmAfterMs).unref();
      else hosts.fill();
    },

    async run(request, run) {
      if (!running || stopping.signal.aborted) {
        throw fail('draining', 'The server is stopping; no more user code is begun.');
      }
      const { signal, detach } = either(run.signal, stopping.signal);
      const work = execute(request, signal, run);
      active.add(work);
      try {
        return await work;
      } finally {
        active.delete(work);
        detach();
      }
    },

    async stop(deadlineMs) {
      if (!running) return;
      graceMs = Math.min(graceMs, deadlineMs / 2);
      stopping.abort();
      const gone = async () => {
        await Promise.allSettled(active);
        await running!.hosts.stop();
        await running!.context.remove(running!.context.folder);
      };
      const over = new AbortController();
      await Promise.race([gone(), sleep(deadlineMs, undefined, { signal: over.signal }).catch(() => undefined)]);
      over.abort();
    },
  };
}

async function begin(options: ProcessPoolOptions, limits: () => ProcessLimits): Promise<Running> {
  const { log } = options;
  const server = serverName();
  const folder = await makeServerFolder(options.workFolder, server);
  const orphans = await reapLeftovers(options.workFolder, log);
  for (const pid of orphans) options.onOrphan?.({ pid });

  const environment = options.environment ?? {};
  const helpers = await findHelpers(cleanEnvironment(environment, folder, {}).PATH!);
  if (!hasProc) log('warn', 'this system has no /proc: memory of user code is not watched', {});
  if (!helpers.prlimit) log('warn', 'prlimit is missing: user code runs without the kernel limits', {});
  const prefix = `${server}.`;
  const context: Context = {
    folder,
    openFolders: await Promise.all((options.openFolders ?? []).map(checkedFolder)),
    helpers,
    limits,
    keepBytes: options.keepBytes ?? defaultKeepBytes,
    watch: createWatch(),
    environment,
    accountProcesses: await accountProcesses(options.limits, options.concurrency),
    log,
    remove: (path) =>
      removeFolder(path).catch((error: unknown) =>
        log('warn', 'a folder of user code could not be removed', { error }),
      ),
    nextMarker: () => prefix + randomBytes(9).toString('hex'),
  };
  const hosts = createHosts(context, {
    spare: options.warm,
    used: options.reuse > 1 ? options.concurrency : 0,
    runs: Math.max(1, options.reuse),
    permissions: options.permissions ?? true,
  });
  const python = createPython(context);
  const engines = createEngines(context, options.container);
  return {
    context,
    hosts,
    run(request, run) {
      switch (request.kind) {
        case 'shell':
          return runShell(context, request, run);
        case 'container':
          return runContainer(context, engines, request, run);
        case 'script':
          return request.language === 'python' ? python(request, run) : runJavaScript(context, hosts, request, run);
      }
    },
  };
}

function checkOptions(options: ProcessPoolOptions): void {
  const numbers = { concurrency: options.concurrency, ...options.limits };
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw fail('configuration', `The process pool's ${name} must be a whole number of 1 or more, not ${value}.`);
  }
}

/** A signal that follows two others. `AbortSignal.any` would stay with the long-lived one until it is collected. */
function either(first: AbortSignal, second: AbortSignal) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const sources = [first, second];
  for (const source of sources) {
    if (source.aborted) abort();
    else source.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    detach: () => {
      for (const source of sources) source.removeEventListener('abort', abort);
    },
  };
}
