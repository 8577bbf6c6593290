import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { createSharedFiles } from '../files/shared-files.ts';
import type { HttpServer } from '../http/server.ts';
import { type Service, startAll, stopAll } from '../lifecycle.ts';
import { createPruner } from '../maintenance/pruner.ts';
import { createRunSummer } from '../maintenance/run-summer.ts';
import { createScheduler } from '../maintenance/scheduler.ts';
import { createTimekeeper } from '../maintenance/timekeeper.ts';
import { systemClock } from '../model/clock.ts';
import { fail } from '../model/errors.ts';
import { type SharedArea, sharedAreas } from '../model/principal.ts';
import type { RecentLines } from '../model/recent-lines.ts';
import { createSealer } from '../model/sealed.ts';
import { createProcessPool } from '../processes/index.ts';
import { createRepository } from '../repository/repository.ts';
import { createRuntimes } from '../runtimes/index.ts';
import type { Blobs, Store } from '../store.ts';
import { createLeases } from '../worker/leases.ts';
import { createPool } from '../worker/pool.ts';
import { checkDefinition } from './check-definition.ts';
import { ensureAdmin, type FirstStart } from './first-start.ts';
import { readLinkKey, readSealKey } from './keys.ts';
import { createSecrets } from './secrets.ts';

/** The whole server, made of its parts but not started. */
export interface App {
  engine: Engine;
  /** There once it is started. */
  http: HttpServer;
  /** Random bearer token of an administrator, good for the life of this server: how the command line signs in. */
  controlToken: string;
  /** Settles when requests are answered. `firstStart` is present on a new data folder. */
  start(): Promise<{ url: string; firstStart?: FirstStart }>;
  /** Drains: no new work, running jobs finish or are handed back by the deadline (milliseconds). */
  stop(deadlineMs: number): Promise<void>;
  runningJobs(): number;
}

export interface AppOptions {
  config: Config;
  log: Logger;
  /** The latest lines of it, where they are kept. */
  recent?: RecentLines;
  /** Of the program. */
  version: string;
  /** The variables of this process; user code inherits a short allow list of them. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The disk failed in a way that only a new start can mend; nothing is written any more. */
  onFatal(error: Error): void;
}

const MiB = 2 ** 20;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A worker thread that does not answer for this long is taken for hung, in milliseconds. */
const HANG_MS = 10_000;
/** Processes for scripts are held ready from so long after the start, in milliseconds: what is asked first is a job. */
const WARM_AFTER_MS = 1_000;

/** Makes and joins all parts over an open store. */
export function joinParts(
  { config, log, recent, version, environment }: AppOptions,
  { store, blobs }: { store: Store; blobs: Blobs },
): App {
  const clock = systemClock;
  const sealKey = readSealKey(config.data, log);
  const owner = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const leaseMs = config.leaseSeconds * 1000;
  const runtimes = createRuntimes();

  const repository = createRepository({
    folder: config.workflows,
    runtimes,
    versions: {
      save: (definition) => store.saveVersion(definition, clock()),
      find: (hash) => store.findVersion(hash),
      lastGood: (path) => store.currentVersion(path),
      setCurrent: (path, hash) => store.setCurrentVersion(path, hash, clock()),
    },
    log,
    clock,
    rescanMs: config.rescanSeconds * 1000,
    watch: config.watch,
  });

  const sharedFolder = join(config.data, 'shared');
  const processes = createProcessPool({
    workFolder: join(config.data, 'work'),
    // Not backups, nor what is the server's own.
    openFolders: (['data', 'temp', 'uploads'] satisfies SharedArea[]).map((area) => join(sharedFolder, area)),
    concurrency: config.process.concurrency,
    warm: config.process.warm,
    warmAfterMs: WARM_AFTER_MS,
    reuse: config.process.reuse,
    permissions: config.process.permissions,
    ...(config.process.container === undefined ? {} : { container: config.process.container }),
    environment,
    keepBytes: config.process.outputKiB * 1024,
    limits: {
      timeoutMs: config.process.timeoutSeconds * 1000,
      memoryBytes: config.process.memoryMiB * MiB,
      cpuSeconds: config.process.cpuSeconds,
      fileBytes: config.process.fileMiB * MiB,
      processes: config.process.children,
      outputBytes: 64 * MiB,
      graceMs: config.cancelGraceSeconds * 1000,
    },
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });

  const sharedFiles = createSharedFiles({ folder: sharedFolder, areas: sharedAreas, log });

  const secrets = createSecrets(config.secretsFolder);
  const pool = createPool({
    store,
    blobs,
    processes,
    clock,
    log,
    random: Math.random,
    version: (hash) => repository.version(hash),
    // Child jobs go through the engine, as every job does: rights, limits and input are checked in one place.
    submitChild: async ({ claim: { job } }, key, child) => {
      const { id, uuid } = await engine.jobs.submitChild(job, key, child);
      return { id, uuid };
    },
    cancelChild: ({ claim: { job } }, child, reason) => engine.jobs.cancelChild(job, child, reason),
    secret: (_run, name) => secrets(name),
    maxFileBytes: config.uploadLimit,
    settings: {
      owner,
      workers: config.workers,
      slots: config.slots,
      leaseMs,
      graceMs: config.cancelGraceSeconds * 1000,
      hangMs: HANG_MS,
      sealKey,
      maxInterruptions: config.maxInterruptions,
      entry: new URL('../worker-thread.ts', import.meta.url),
      outbound: {
        private: config.outbound.private,
        allow: [...config.outbound.allow],
        hostMap: { ...config.outbound.hostMap },
        maxBytes: config.outbound.maxMiB * MiB,
        timeoutMs: config.outbound.timeoutSeconds * 1000,
        maxRedirects: config.outbound.maxRedirects,
        userAgent: `millrace/${version}`,
      },
    },
  });

  const controlToken = `mlr_control_${randomBytes(32).toString('base64url')}`;
  const engine: Engine = createEngine({
    store,
    blobs,
    repository,
    sharedFiles,
    slots: pool,
    checkSource: (source, file) => checkDefinition(Buffer.from(source), file, log),
    controlToken,
    logLines: () => recent?.lines() ?? [],
    sealer: createSealer(sealKey),
    settings: {
      owner,
      leaseMs,
      linkKey: readLinkKey(config.data, log),
      linkMs: config.resultLinkSeconds * 1000,
      dataFolder: config.data,
      minFreeBytes: config.minFreeMiB * MiB,
      maxQueued: config.maxQueued,
      maxScheduleFailures: config.maxScheduleFailures,
      failedSignInsPerMinute: config.loginFailures,
    },
    clock,
    log,
  });

  let http: HttpServer | undefined;
  // Hashing a password takes its time on purpose; the rest starts meanwhile, and nobody is answered before it is done.
  let firstStart: Promise<FirstStart | undefined> = Promise.resolve(undefined);
  const services: Service[] = [
    { name: 'store', stop: () => store.close() },
    { name: 'first worker', start: pool.warm, stop: async (deadlineMs) => pool.stop?.(deadlineMs) },
    {
      name: 'administrator',
      start() {
        firstStart = ensureAdmin(store, config.adminPassword, clock(), engine.accounts.vouch);
        firstStart.catch(() => {});
      },
    },
    {
      // Loaded no sooner than this: it is the largest part, the two above need the other processor meanwhile, and
      // commands that use the store without a server do without it.
      name: 'http parts',
      async start() {
        const { createHttp } = await import('./http.ts');
        http = await createHttp({ config, log, version, clock, engine, pool, processes });
      },
    },
    repository,
    sharedFiles,
    processes,
    pool,
    // Before the first request: nothing may look as if it ran that does not.
    createLeases({ store, pool, settings: { owner, leaseMs, maxInterruptions: config.maxInterruptions }, clock, log }),
    createTimekeeper({ store, clock, log }),
    createRunSummer({ store, clock, log }),
    createPruner({
      store,
      blobs,
      sharedFiles,
      settings: {
        ...(config.retentionDays === 0 ? {} : { retentionMs: config.retentionDays * DAY_MS }),
        ...(config.eventDays === 0 ? {} : { eventsMs: config.eventDays * DAY_MS }),
        ...(config.loadedDays === 0 ? {} : { loadedMs: config.loadedDays * DAY_MS }),
        keysMs: DAY_MS,
        tokensMs: DAY_MS,
        uploadsMs: config.uploadHours * HOUR_MS,
        everyMs: 600_000,
      },
      clock,
      log,
    }),
    engine,
    createScheduler({ store, schedules: engine.schedules, clock, log }),
    { name: 'sign-in', start: async () => void (await firstStart) },
    { name: 'http', start: async () => http?.start?.(), stop: async (deadlineMs) => http?.stop?.(deadlineMs) },
  ];
  const startedHttp = (): HttpServer => {
    if (http === undefined) throw fail('invariant', 'The server has no HTTP side before it is started.');
    return http;
  };

  return {
    engine,
    get http() {
      return startedHttp();
    },
    controlToken,
    async start() {
      await startAll(services);
      const first = await firstStart;
      return { url: startedHttp().address(), ...(first ? { firstStart: first } : {}) };
    },
    async stop(deadlineMs) {
      for (const error of await stopAll(services, deadlineMs)) log.error({ err: error }, 'a part did not stop cleanly');
    },
    runningJobs: () => pool.counts().running,
  };
}
