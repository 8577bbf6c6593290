import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { type App, createApp } from '../../../src/app.ts';
import { loadConfig } from '../../../src/config.ts';
import { checkAnswer, type Documented } from '../../http/document.ts';

export const PASSWORD = 'correct horse battery';
export const admin = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;

const header = (name: string) => `document:\n  dsl: '1.0.3'\n  namespace: test\n  name: ${name}\n  version: '1.0.0'\n`;

/** Workflows the tests run. */
export const definitions: Record<string, string> = {
  'Tutorials/10seconds.yaml': `${header('quick')}input:
  schema:
    format: json
    document:
      type: object
      required: [location]
      properties:
        location: { type: array, items: { type: string }, examples: [[Berlin]] }
        year: { type: integer, default: 1985 }
do:
  - answer:
      set:
        where: \${ .location[0] }
        year: \${ .year }
`,
  'Echo.yaml': `${header('echo')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Fails.yaml': `${header('fails')}do:\n  - stop:\n      raise:\n        error:\n          type: https://example.com/errors/full\n          status: 409\n          title: It is full\n`,
  'Sleeps.yaml': `${header('sleeps')}do:\n  - first:\n      wait: { milliseconds: 20 }\n  - nap:\n      wait: { seconds: 30 }\n`,
  'Naps.yaml': `${header('naps')}do:\n  - nap:\n      wait: { milliseconds: 700 }\n  - done:\n      set: { slept: true }\n`,
  'Logs.yaml': `${header('logs')}do:
  - talk:
      run:
        shell:
          command: 'for i in 1 2 3 4 5 6; do echo line $i; sleep 0.15; done'
  - done:
      set: { talked: true }
`,
  'A folder/50 % + Größe, (a) & #1.yaml': `${header('odd')}do:\n  - a:\n      set: { odd: true }\n`,
};

export interface Server extends Documented {
  app: App;
  url: string;
  /** Asks over a real socket and holds every answer against the OpenAPI document. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
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

/** The whole server on folders of its own. */
export async function startServer(environment: Record<string, string> = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-native-'));
  for (const [file, text] of Object.entries(definitions)) {
    await mkdir(dirname(join(folder, 'workflows', file)), { recursive: true });
    await writeFile(join(folder, 'workflows', file), text);
  }
  const { config } = loadConfig({
    cwd: folder,
    flags: {},
    env: {
      MILLRACE_PORT: '0',
      MILLRACE_DATA: join(folder, 'data'),
      MILLRACE_WORKFLOWS: join(folder, 'workflows'),
      MILLRACE_ADMIN_PASSWORD: PASSWORD,
      MILLRACE_MIN_FREE_MIB: '0',
      MILLRACE_WORKERS: '1',
      ...environment,
    },
  });
  const log = pino({ level: 'silent' });
  const app = await createApp({
    config,
    log,
    version: '0.0.0',
    environment: { PATH: process.env['PATH'] },
    onFatal: () => {},
  });
  const { url } = await app.start();
  const document = (await app.http.inject({ url: '/openapi-3.1.json', headers: { host: '127.0.0.1' } })).json();
  const documented = { document };
  return {
    app,
    url,
    document,
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
      const json =
        /json/.test(response.headers.get('content-type') ?? '') &&
        !/ndjson/.test(response.headers.get('content-type') ?? '')
          ? JSON.parse(text)
          : undefined;
      if (method !== 'HEAD') checkAnswer(documented, method, path, response, json);
      return { status: response.status, headers: response.headers, text, json };
    },
    async stop() {
      await app.stop(3_000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
