import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { type App, createApp } from '../../../src/app.ts';
import { loadConfig } from '../../../src/config.ts';
import { checkAnswer, type Documented } from '../../http/document.ts';

export const PASSWORD = 'correct horse battery';
export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
export const admin = basic('admin', PASSWORD);

const header = (name: string) => `document:\n  dsl: '1.0.3'\n  namespace: test\n  name: ${name}\n  version: '1.0.0'\n`;

/** Workflows the tests run. */
export const definitions: Record<string, string> = {
  'Tutorials/10seconds.yaml': `${header('quick')}input:
  schema:
    format: json
    document:
      type: object
      required: [location]
      additionalProperties: false
      properties:
        location: { title: Locations, type: array, items: { type: string }, minItems: 1, examples: [[Burnaby, Vancouver]] }
        year: { type: integer, minimum: 1900, maximum: 2100, default: 2000 }
do:
  - nap:
      wait: { milliseconds: 300 }
  - answer:
      set:
        where: \${ $workflow.input.location }
        year: \${ $workflow.input.year }
`,
  'Tutorials/deep/er.yaml': `${header('deeper')}do:\n  - done:\n      set: { ok: true }\n`,
  'Root.yaml': `${header('root')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Tests/Echo.yaml': `${header('echo')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Tests/Fails.yaml': `${header('fails')}do:\n  - stop:\n      raise:\n        error:\n          type: https://example.com/errors/full\n          status: 409\n          title: It is full\n          detail: No room for row 7\n`,
  'Tests/Sleeps.yaml': `${header('sleeps')}do:\n  - nap:\n      wait: { seconds: 30 }\n`,
  'Tests/Busy.yaml': `${header('busy')}do:\n  - work:\n      run:\n        shell:\n          command: 'sleep 30'\n`,
  'Tests/Logs.yaml': `${header('logs')}do:
  - talk:
      run:
        shell:
          command: 'for i in 1 2 3; do echo line $i; done; echo oops >&2'
  - done:
      set: { talked: true }
`,
  'Tests/Secret.yaml': `${header('secret')}input:
  schema:
    format: json
    document:
      type: object
      required: [DBPASS]
      properties:
        DBPASS: { title: Database password, type: string, format: password }
        USER: { type: string, default: scott }
do:
  - talk:
      run:
        return: none
        shell:
          command: 'echo password is "$P"'
          environment:
            P: \${ $workflow.input.DBPASS }
  - done:
      set:
        length: \${ $workflow.input.DBPASS | length }
`,
};

export interface Server extends Documented {
  app: App;
  url: string;
  /** Everything that was logged. */
  log(): string;
  data: string;
  /** Asks over a real socket and holds every answer against the OpenAPI document. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** The id of a new job. */
  submit(workspace: string, more?: object): Promise<number>;
  /** Its result, waited for. */
  result(id: number): Promise<Answer>;
  stop(): Promise<void>;
}

export interface AskOptions {
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
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

/** The whole server on folders of its own, with `more` workflow files. */
export async function startServer(more: Record<string, string> = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-fme-'));
  for (const [file, text] of Object.entries({ ...definitions, ...more })) {
    await mkdir(dirname(join(folder, 'workflows', file)), { recursive: true });
    await writeFile(join(folder, 'workflows', file), text);
  }
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
    },
  });
  let logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const app = await createApp({
    config,
    log: pino({ level: 'debug' }, sink),
    version: '0.0.0',
    environment: { PATH: process.env['PATH'] },
    onFatal: () => {},
  });
  const { url } = await app.start();
  const document = (
    await app.http.inject({ url: '/fmeapiv4/docs/openapi-3.1.json', headers: { host: '127.0.0.1' } })
  ).json();
  const ask: Server['ask'] = async (method, path, { body, raw, type, headers = {}, auth = admin } = {}) => {
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
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined;
    if (method !== 'HEAD') checkAnswer({ document }, method, path, response, json);
    return { status: response.status, headers: response.headers, text, json };
  };
  return {
    app,
    url,
    data,
    document,
    log: () => logged,
    ask,
    async submit(workspace, rest = {}) {
      const { status, text, json } = await ask('POST', '/fmeapiv4/jobs', {
        body: { repository: 'Tests', workspace, ...rest },
      });
      if (status !== 202) throw new Error(`${status} ${text}`);
      return json.id as number;
    },
    result: (id) => ask('GET', `/fmeapiv4/jobs/${id}/result?longPoll=true&longPollInterval=20`),
    async stop() {
      await app.stop(3_000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
