import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { checkDefinition } from './app/check-definition.ts';
import { ensureAdmin, type FirstStart } from './app/first-start.ts';
import { readJwtKey, readSealKey } from './app/keys.ts';
import { addMetrics } from './app/metrics.ts';
import { createSecrets } from './app/secrets.ts';
import type { Config } from './config.ts';
import { dialects } from './dialects/index.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { type Service, startAll, stopAll } from './lifecycle.ts';
import { createPruner } from './maintenance/pruner.ts';
import { createTimekeeper } from './maintenance/timekeeper.ts';
import { systemClock } from './model/clock.ts';
import { createSealer } from './model/sealed.ts';
import { createProcessPool } from './processes/index.ts';
import { createRepository } from './repository/repository.ts';
import { createRuntimes } from './runtimes/index.ts';
import { openStore } from './stores/index.ts';
import { createLeases } from './worker/leases.ts';
import { createPool } from './worker/pool.ts';

/** The whole server, made of its parts but not started. */
export interface App {
  engine: Engine;
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
  /** Of the program. */
  version: string;
  /** The variables of this process; user code inherits a short allow list of them. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The disk failed in a way that only a new start can mend; nothing is written any more. */
  onFatal(error: Error): void;
}

const MiB = 2 ** 20;
const DAY_MS = 86_400_000;
/** A worker thread that does not answer for this long is taken for hung, in milliseconds. */
const HANG_MS = 10_000;

/** Makes and joins all parts. This file alone names the concrete store, runtimes and dialects. */
export async function createApp({ config, log, version, environment, onFatal }: AppOptions): Promise<App> {
  const clock = systemClock;
  const { store, blobs } = await openStore(config.data, {
    onFatal,
    onWatcherError: (error) => log.error({ err: error }, 'a listener for changes failed'),
    onMigrated: (copy) =>
      log.info({ copy }, 'the database was brought up to date; a copy of the old one was made first'),
  });
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

  const processes = createProcessPool({
    workFolder: join(config.data, 'work'),
    concurrency: config.process.concurrency,
    warm: config.process.warm,
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
      maxInterruptions: config.maxInterruptions,
      entry: new URL('./worker-thread.ts', import.meta.url),
      sealKey,
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
    slots: pool,
    checkSource: (source, file) => checkDefinition(Buffer.from(source), file, log),
    controlToken,
    sealer: createSealer(sealKey),
    settings: {
      owner,
      leaseMs,
      dataFolder: config.data,
      minFreeBytes: config.minFreeMiB * MiB,
      maxQueued: config.maxQueued,
      failedSignInsPerMinute: config.loginFailures,
    },
    clock,
    log,
  });

  const metrics = addMetrics(new Registry(), { engine, pool, processes });
  const http = await createHttpServer({
    engine,
    dialects,
    options: {
      host: config.host,
      port: config.port,
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
      allowedHosts: config.allowedHosts,
      ...(config.trustProxy.length === 0 ? {} : { trustProxy: config.trustProxy }),
      bodyLimitBytes: config.bodyLimit,
      uploadLimitBytes: config.uploadLimit,
      maxConnections: config.maxConnections,
      maxWaitSeconds: config.maxWait,
      jwtKey: readJwtKey(config.data, log),
      version,
      docsPublic: config.docsPublic,
    },
    log,
    metrics,
    health: async () => {
      const reasons = engine.intake.reasons();
      return { ready: reasons.length === 0, reasons };
    },
    clock,
  });

  // Hashing a password takes its time on purpose; the rest starts meanwhile, and nobody is answered before it is done.
  let firstStart: Promise<FirstStart | undefined> = Promise.resolve(undefined);
  const services: Service[] = [
    { name: 'store', stop: () => store.close() },
    {
      name: 'administrator',
      start() {
        firstStart = ensureAdmin(store, config.adminPassword, clock());
        firstStart.catch(() => {});
      },
    },
    repository,
    processes,
    pool,
    // Before the first request: nothing may look as if it ran that does not.
    createLeases({ store, pool, settings: { owner, leaseMs, maxInterruptions: config.maxInterruptions }, clock, log }),
    createTimekeeper({ store, clock, log }),
    createPruner({
      store,
      blobs,
      settings: {
        ...(config.retentionDays === 0 ? {} : { retentionMs: config.retentionDays * DAY_MS }),
        keysMs: DAY_MS,
        everyMs: 600_000,
      },
      clock,
      log,
    }),
    engine,
    { name: 'sign-in', start: async () => void (await firstStart) },
    http,
  ];

  return {
    engine,
    http,
    controlToken,
    async start() {
      await startAll(services);
      const first = await firstStart;
      return { url: http.address(), ...(first ? { firstStart: first } : {}) };
    },
    async stop(deadlineMs) {
      for (const error of await stopAll(services, deadlineMs)) log.error({ err: error }, 'a part did not stop cleanly');
    },
    runningJobs: () => pool.counts().running,
  };
}
