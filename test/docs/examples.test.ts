import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { createProcessPool, defaultProcessLimits, type ProcessPool } from '../../src/processes/index.ts';
import { createServerlessRuntime } from '../../src/runtimes/serverless/index.ts';
import { type Answer, type Received, runWorkflow, startServer, type TestServer } from '../support/workflow.ts';

/** A definition of the page, and what its comment promises of a run. */
interface Example {
  name: string;
  source: string;
  run?: { input: Json; fails: boolean; expected: Json };
}

const page = readFileSync(new URL('../../docs/workflows.md', import.meta.url), 'utf8');
const examples: Example[] = [...page.matchAll(/(?:<!-- runs: (.+) -->\n)?```yaml\n([\s\S]+?)```/g)].map(
  ([, comment, source]) => {
    const name = /name: ([\w-]+)/.exec(source!)![1]!;
    if (comment === undefined) return { name, source: source! };
    const [input, promised] = comment.split(' -> ') as [string, string];
    const fails = promised.startsWith('error ');
    const expected = JSON.parse(fails ? promised.slice('error '.length) : promised) as Json;
    return { name, source: source!, run: { input: JSON.parse(input) as Json, fails, expected } };
  },
);
const promising = examples.filter(({ run }) => run !== undefined);

let folder: string;
let pool: ProcessPool;
let api: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-docs-'));
  pool = createProcessPool({
    workFolder: join(folder, 'work'),
    concurrency: 2,
    warm: 1,
    limits: { ...defaultProcessLimits, timeoutMs: 20_000 },
    reuse: 1,
    environment: process.env,
    log() {},
  });
  await pool.start?.();
  api = await startServer(answer);
});
afterAll(async () => {
  await api.close();
  await pool.stop?.(2000);
  await rm(folder, { recursive: true, force: true });
});

/** What the examples call `https://api.example.com`. */
function answer({ url, headers }: Received): Answer {
  const pet = /^\/pets\/(\d+)/.exec(url);
  if (pet) return { body: { name: `pet ${pet[1]}` } };
  if (url === '/me') return headers.authorization === 'Bearer s3cret' ? { body: { me: 'robot' } } : { status: 401 };
  if (url === '/openapi.json') return { body: openapi };
  return { status: 503, body: { reason: 'down' } };
}

const openapi: JsonObject = {
  openapi: '3.0.3',
  info: { title: 'Pets', version: '1' },
  servers: [{ url: 'https://api.example.com' }],
  paths: {
    '/pets/{id}': {
      get: {
        operationId: 'getPet',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: { 200: { description: 'The pet.' } },
      },
    },
  },
};

const run = (source: string, input: Json) =>
  runWorkflow(source, {
    input,
    secrets: { 'api-key': 's3cret' },
    hostMap: { 'api.example.com': api.origin },
    process: async (request, signal) => {
      const { dispose, ...result } = await pool.run(request, { signal, onOutput() {} });
      await dispose();
      return result;
    },
  });

describe('the examples of docs/workflows.md', () => {
  it('are there, one of each name, and most of them run', () => {
    expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length);
    expect(promising.length).toBeGreaterThanOrEqual(20);
    expect(page.match(/<!-- runs:/g)).toHaveLength(promising.length);
    expect(page.match(/```yaml/g)).toHaveLength(examples.length);
  });

  it.each(examples)('$name is a workflow that can be loaded', ({ name, source }) => {
    const { info } = createServerlessRuntime().parse(source, `${name}.yaml`);
    expect(info.declaredVersion).toBe('1.0.0');
  });

  it.each(promising)('$name gives what the page says', async ({ source, run: promised }) => {
    const { output, error } = await run(source, promised!.input);
    if (promised!.fails) expect(error).toMatchObject(promised!.expected as object);
    else expect({ output, error }).toEqual({ output: promised!.expected, error: undefined });
  });
});
