import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import { createFamilies, dialects } from '../dialects/index.ts';
import type { Engine } from '../engine/engine.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import type { Clock } from '../model/clock.ts';
import type { ProcessPool } from '../processes/index.ts';
import type { Pool } from '../worker/pool.ts';
import { readJwtKey } from './keys.ts';
import { addMetrics } from './metrics.ts';

/** Makes the HTTP side with all dialects, as the configuration wants it. */
export function createHttp(parts: {
  config: Config;
  log: Logger;
  version: string;
  clock: Clock;
  engine: Engine;
  pool: Pool;
  processes: ProcessPool;
}): Promise<HttpServer> {
  const { config, log, version, clock, engine } = parts;
  return createHttpServer({
    engine,
    dialects,
    families: createFamilies(config),
    options: {
      host: config.host,
      port: config.port,
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
      allowedHosts: config.allowedHosts,
      allowedOrigins: config.allowedOrigins,
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
    metrics: addMetrics(new Registry(), parts),
    health: async () => {
      const reasons = engine.intake.reasons();
      return { ready: reasons.length === 0, reasons };
    },
    clock,
  });
}
