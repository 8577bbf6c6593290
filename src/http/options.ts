import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Dialect, DialectFamily } from '../dialect.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../model/clock.ts';

/** Settings of the HTTP side, as they come out of the configuration. */
export interface HttpOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Address under which clients reach the server, when that differs from `host` and `port`; may have a path. */
  publicUrl?: string;
  /** Host names requests may be addressed to, beside the loopback names and that of `publicUrl`. `*`: any. */
  allowedHosts: readonly string[];
  /** Origins of other sites whose pages may use this server, `https://app.example.org`. */
  allowedOrigins?: readonly string[];
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed. Absent: nobody's. */
  trustProxy?: readonly string[];
  /** Largest body that is not an upload, in bytes. */
  bodyLimitBytes: number;
  /** Largest single uploaded file, in bytes. */
  uploadLimitBytes: number;
  /** Open connections at once; keep it below the limit on open files. */
  maxConnections: number;
  /** Longest wait for a result in one request. */
  maxWaitSeconds: number;
  /** At least 32 random bytes that sign the JWTs of this installation. */
  jwtKey: Buffer;
  /** Of the program; stands in the documents. */
  version: string;
  /** True: documents and their page need no sign-in. */
  docsPublic: boolean;
  /** Time-outs in milliseconds; the defaults are for the open network. */
  timeouts?: Partial<HttpTimeouts>;
}

/** How long a slow or silent peer is put up with, in milliseconds. */
export interface HttpTimeouts {
  /** From the first byte, or the opening of the connection, to the end of the headers. */
  headersMs: number;
  /** For a body that is not an upload; an upload must make progress within it. */
  bodyMs: number;
  /** For a whole request, uploads included. */
  requestMs: number;
  /** A socket on which nothing happens, waits for a result aside. */
  idleMs: number;
  /** Between two requests on one connection. */
  keepAliveMs: number;
  /** How often the clock of the above is looked at. */
  checkMs: number;
  /** Between two signs of life on an event stream. */
  pingMs: number;
  /** How often an open stream asks whether its credential still holds. */
  recheckMs: number;
}

export const defaultTimeouts: HttpTimeouts = {
  headersMs: 10_000,
  bodyMs: 12_000,
  requestMs: 3_600_000,
  idleMs: 60_000,
  keepAliveMs: 65_000,
  checkMs: 1_000,
  pingMs: 15_000,
  recheckMs: 4_000,
};

/** Ready to serve, or why not, in words for people. */
export interface Health {
  ready: boolean;
  reasons: string[];
}

export interface HttpParts {
  engine: Engine;
  /** There from the start. */
  dialects: readonly Dialect[];
  /** Loaded with the first request for one of them. */
  families?: readonly DialectFamily[];
  options: HttpOptions;
  log: Logger;
  metrics: Registry;
  health: () => Promise<Health>;
  clock: Clock;
}
