import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createRecentLines } from '../../src/model/recent-lines.ts';
import { checkAnswer, type Documented } from '../http/document.ts';

export const PASSWORD = 'correct horse battery';
export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
export const admin = basic('admin', PASSWORD);

/** The first lines of a workflow. */
export const header = (name: string): string =>
  `document:\n  dsl: '1.0.3'\n  namespace: test\n  name: ${name}\n  version: '1.0.0'\n`;

export interface DialectServer extends Documented {
  app: App;
  url: string;
  /** The data folder. */
  data: string;
  /** Everything that was logged. */
  log(): string;
  /** Asks over a real socket and holds every answer against the OpenAPI document. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
  /** Stops it and starts it again on the same folders, with these settings changed. */
  restart(environment?: Readonly<Record<string, string>>): Promise<DialectServer>;
}

export interface AskOptions {
  body?: unknown;
  /** Sent as it is. */
  raw?: string | FormData;
  type?: string;
  headers?: Record<string, string>;
  /** False: without credentials. */
  auth?: string | false;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects in the body
  json: any;
}

interface DialectServerOptions {
  definitions: Readonly<Record<string, string>>;
  /** Where the OpenAPI document is that answers are held against. */
  document: string;
  environment?: Readonly<Record<string, string>>;
}

/** The whole server on folders of its own. */
export async function startDialectServer(options: DialectServerOptions): Promise<DialectServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-dialect-'));
  for (const [file, text] of Object.entries(options.definitions)) {
    await mkdir(dirname(join(folder, 'workflows', file)), { recursive: true });
    await writeFile(join(folder, 'workflows', file), text);
  }
  return startIn(folder, options);
}

async function startIn(folder: string, options: DialectServerOptions): Promise<DialectServer> {
  const data = join(folder, 'data');
  const { config } = loadConfig({
    cwd: folder,
    flags: {},
    env: {
      MILLRACE_PORT: '0',
      MILLRACE_DATA: data,
      MILLRACE_WORKFLOWS: join(folder, 'workflows'),
      MILLRACE_ADMIN_PASSWORD: PASSWORD,
      MILLRACE_MIN_FREE_MIB: '0',
      MILLRACE_WORKERS: '1',
      ...options.environment,
    },
  });
  let logged = '';
  const recent = createRecentLines(1_000_000);
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      recent.add(String(chunk));
      done();
    },
  });
  const app = await createApp({
    config,
    log: pino({ level: 'debug' }, sink),
    recent,
    version: '0.0.0',
    environment: { PATH: process.env['PATH'] },
    onFatal: () => {},
  });
  const { url } = await app.start();
  const document = (await app.http.inject({ url: options.document, headers: { host: '127.0.0.1' } })).json();
  return {
    app,
    url,
    data,
    document,
    log: () => logged,
    async ask(method, path, { body, raw, type, headers = {}, auth = admin } = {}) {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const contentType = type ?? (body === undefined ? undefined : 'application/json');
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(auth === false ? {} : { authorization: auth }),
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...headers,
        },
        ...(sent === undefined ? {} : { body: sent }),
      });
      const text = await response.text();
      const isJson = /^application\/([\w.-]+\+)?json\b/.test(response.headers.get('content-type') ?? '');
      const json = isJson && text !== '' ? JSON.parse(text) : undefined;
      if (method !== 'HEAD') checkAnswer({ document }, method, path, response, json);
      return { status: response.status, headers: response.headers, text, json };
    },
    async stop() {
      await app.stop(3_000);
      await rm(folder, { recursive: true, force: true });
    },
    async restart(environment = {}) {
      await app.stop(3_000);
      return startIn(folder, { ...options, environment: { ...options.environment, ...environment } });
    },
  };
}
