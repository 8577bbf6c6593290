import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Dialect, DialectFamily } from '../../src/dialect.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { HttpOptions } from '../../src/http/options.ts';
import { problemDocument } from '../../src/http/problem-document.ts';
import { problemWire } from '../../src/http/problems.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import type { Principal } from '../../src/model/principal.ts';

/** What the HTTP layer asks of the engine: who signs in. Everything else a test dialect answers itself. */
export const users: Record<string, { password: string; principal: Principal; revision: number }> = {
  ada: { password: 'correct horse', principal: { name: 'ada', roles: ['admin'], groups: [] }, revision: 3 },
  // A name and a password as people write them.
  zoë: { password: 'grün:gelb', principal: { name: 'zoë', roles: ['user'], groups: [] }, revision: 1 },
};

export const tokens: Record<string, Principal> = {
  mlr_all: { name: 'ada', roles: ['admin'], groups: [] },
  mlr_read: { name: 'ada', roles: ['admin'], groups: [], scopes: ['jobs:read'] },
};

const accounts = {
  checkPassword: async (name: string, password: string) =>
    users[name]?.password === password ? users[name].principal : undefined,
  checkToken: async (secret: string) => tokens[secret],
  principalOf: async (name: string, revision: number) =>
    users[name]?.revision === revision ? users[name].principal : undefined,
  revisionOf: async (name: string) => users[name]?.revision,
};

export const jwtKey = randomBytes(32);
export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
export const ada = basic('ada', 'correct horse');

export interface Started {
  http: HttpServer;
  url: string;
  port: number;
  /** Everything that was logged. */
  log(): string;
}

/** What a dialect has beside its routes. */
export const small: Omit<Dialect, 'register'> = {
  name: 'native',
  title: 'Test',
  description: 'For tests.',
  prefix: '',
  tags: [{ name: 'Test', description: 'For tests.' }],
  errorDocument: problemDocument,
  errorWire: problemWire,
};

const running: HttpServer[] = [];

/** A server with one small dialect, listening on a free port. */
export async function startHttp(
  register: Dialect['register'],
  options: Partial<HttpOptions> = {},
  dialect: Partial<Dialect> = {},
  families: readonly DialectFamily[] = [],
): Promise<Started> {
  let logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const http = await createHttpServer({
    engine: { accounts } as unknown as Engine,
    dialects: [{ ...small, register, ...dialect }],
    families,
    options: {
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      bodyLimitBytes: 1_048_576,
      uploadLimitBytes: 10_485_760,
      maxConnections: 1000,
      maxWaitSeconds: 25,
      jwtKey,
      version: '1.2.3',
      docsPublic: true,
      ...options,
    },
    log: pino({ level: 'debug' }, sink),
    metrics: new Registry(),
    health: async () => ({ ready: true, reasons: [] }),
    clock: Date.now,
  });
  running.push(http);
  await http.start?.();
  const url = http.address();
  return { http, url, port: Number(new URL(url).port), log: () => logged };
}

/** Stops every server a test left running. */
export async function stopHttp(): Promise<void> {
  await Promise.all(running.splice(0).map((http) => http.stop?.(1_000)));
}
