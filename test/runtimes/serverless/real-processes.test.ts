import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { createProcessPool, defaultProcessLimits, type ProcessPool } from '../../../src/processes/index.ts';
import { header, runWorkflow, startServer } from '../../support/workflow.ts';

let folder: string;
let pool: ProcessPool;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-run-'));
  pool = createProcessPool({
    workFolder: join(folder, 'work'),
    concurrency: 2,
    warm: 1,
    limits: { ...defaultProcessLimits, timeoutMs: 20_000 },
    reuse: 10,
    environment: process.env,
    log() {},
  });
  await pool.start?.();
});
afterAll(async () => {
  await pool.stop?.(2000);
  await rm(folder, { recursive: true, force: true });
});

const run = (task: string, input: Json = {}) =>
  runWorkflow(`${header()}do:\n  - task:\n${task.replace(/^/gm, '      ')}`, {
    input,
    process: async (request, signal) => {
      const { dispose, ...result } = await pool.run(request, { signal, onOutput() {} });
      await dispose();
      return result;
    },
  });

describe('run, with real processes', () => {
  it('runs JavaScript with arguments as variables, and gives what it returns', async () => {
    const { output, error } = await run(
      "run:\n  script:\n    language: javascript\n    arguments: { order: '${ . }' }\n    code: |\n      const { n } = order;\n      console.log('noise');\n      return { doubled: n * 2 };",
      { n: 21 },
    );
    expect(error).toBeUndefined();
    expect(output).toEqual({ doubled: 42 });
  });

  it('runs JavaScript with arguments and stdin as a program has them', async () => {
    const code = `
      const [, , first, second] = process.argv;
      let stdin = '';
      for await (const chunk of process.stdin) stdin += chunk;
      console.log(first, second, JSON.parse(stdin).n, process.env.GREETING);`;
    const { output, error } = await run(
      `run:\n  script:\n    language: js\n    arguments: [one, '\${ .n }']\n    stdin: '\${ . }'\n    environment: { GREETING: hi }\n    code: |${code}`,
      { n: 7 },
    );
    expect(error).toBeUndefined();
    expect(output).toBe('one 7 7 hi');
  });

  it('tells the line of a JavaScript error as its author counts', async () => {
    const { error } = await run(
      "run:\n  script:\n    language: js\n    arguments: [a]\n    code: |\n      const a = 1;\n      throw new Error('boom');",
    );
    expect(error!.detail).toBe('The process ended with code 1: Error: boom\n    at script (script.js:2:7)');
  });

  it('runs Python', async () => {
    const { output, error } = await run(
      "run:\n  script:\n    language: python\n    arguments: [x, '${ .n }']\n    code: |\n      import sys\n      print(sys.argv[1], sys.argv[2] + 1)",
      { n: 7 },
    );
    expect(error).toBeUndefined();
    expect(output).toBe('x 8');
  });

  it('runs a shell command; data in it is data', async () => {
    const { output, error } = await run(
      `run:\n  shell:\n    command: 'printf "%s|%s|%s" "Hello, \${ .name }" "$1" "\${UNSET:-default}"'\n    arguments: ['\${ .name }']`,
      { name: '"; echo $(id) `id` \'' },
    );
    expect(error).toBeUndefined();
    expect(output).toBe('Hello, "; echo $(id) `id` \'|"; echo $(id) `id` \'|default');
  });

  it('fetches a script from its source', async () => {
    const server = await startServer(() => ({
      body: 'return { from: "source" };',
      headers: { 'content-type': 'text/javascript' },
    }));
    const { output, error } = await run(
      `run:\n  script:\n    language: js\n    source: { endpoint: '${server.origin}/s.js' }`,
    );
    await server.close();
    expect(error).toBeUndefined();
    expect(output).toEqual({ from: 'source' });
  });

  it('ends a process with its task', async () => {
    const { error } = await run('timeout: { after: { milliseconds: 300 } }\nrun: { shell: { command: sleep 30 } }');
    expect(error).toMatchObject({ status: 408, instance: '/do/0/task' });
    for (let i = 0; i < 100 && pool.counts().running > 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pool.counts().running).toBe(0);
  });
});
