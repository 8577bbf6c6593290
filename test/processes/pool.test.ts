import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createProcessPool, defaultProcessLimits } from '../../src/processes/index.ts';
import { javascript, python, run, shell, startPool, temporaryFolder } from './support.ts';
import { openDescriptors, processesWith, uniqueSeconds, until } from './support-processes.ts';

describe('a pool', () => {
  test('warms up when it was told to, and runs what comes before that', async () => {
    const { pool } = await startPool({ warm: 1, warmAfterMs: 60_000 });
    expect(pool.counts().warm).toBe(0);
    expect((await run(pool, javascript('return 1'))).code).toBe(0);
    const { pool: soon } = await startPool({ warm: 1, warmAfterMs: 1 });
    await until(() => soon.counts().warm === 1);
  });

  test('runs as many at once as it may; the others wait in order', async () => {
    const { pool } = await startPool({ warm: 0, concurrency: 2 });
    const order: string[] = [];
    const all = ['a', 'b', 'c', 'd'].map((name) =>
      pool.run(shell('sleep 0.2; echo "$1"', [name]), {
        signal: new AbortController().signal,
        onOutput: (_, text) => order.push(text.trim()),
      }),
    );
    await until(() => pool.counts().running === 2);
    expect(pool.counts()).toMatchObject({ running: 2, waiting: 2 });
    await Promise.all(all);
    expect(order.slice(0, 2).sort()).toEqual(['a', 'b']);
    expect(pool.counts()).toMatchObject({ running: 0, waiting: 0 });
  });

  test('does not begin what was aborted while it waited', async () => {
    const { pool } = await startPool({ warm: 0, concurrency: 1 });
    const controller = new AbortController();
    const first = run(pool, shell('sleep 0.3'));
    const second = run(pool, shell('echo begun'), controller.signal);
    controller.abort();
    expect(await second).toMatchObject({ ended: 'aborted', stdout: '', files: [] });
    expect(await first).toMatchObject({ code: 0 });
    expect(await run(pool, shell('echo begun'), AbortSignal.abort())).toMatchObject({ ended: 'aborted', stdout: '' });
  });

  test.each([
    [300, undefined],
    [300, 60_000],
    [60_000, 300],
  ])('ends a run after its own limit of %d ms or that of the request, %s ms, whichever is less', async (own, timeoutMs) => {
    const { pool } = await startPool({ warm: 0, limits: { timeoutMs: own } });
    const result = await run(pool, shell('sleep 5', [], timeoutMs === undefined ? {} : { timeoutMs }));
    expect(result).toMatchObject({ ended: 'timeout', signal: 'SIGTERM' });
    expect(result.stderr).toBe('[ended: 300 ms were over]\n');
  });

  test('keeps as much output as it is told, if the request does not say', async () => {
    const { pool } = await startPool({ warm: 0, keepBytes: 10 });
    expect((await run(pool, shell('echo 0123456789abcdef'))).stdout).toBe('01234\n[7 bytes left out]\ncdef\n');
    expect((await run(pool, shell('echo 0123456789abcdef', [], { outputBytes: 100 }))).stdout).toBe(
      '0123456789abcdef\n',
    );
  });

  test('keeps its folders to itself and removes each after its run', async () => {
    const { pool, workFolder } = await startPool({ warm: 0 });
    const [server] = readdirSync(workFolder);
    const inside = join(workFolder, server!);
    expect(statSync(inside).mode & 0o777).toBe(0o700);
    const result = await run(pool, shell('mkdir -p a/b; chmod 000 a; echo x > out/f'));
    expect(result.files).toHaveLength(1);
    expect(readdirSync(inside)).toHaveLength(1);
    await result.dispose();
    expect(readdirSync(inside)).toEqual([]);
  });

  test('removes also what code nested deeper than a path can say', async () => {
    const { pool, workFolder } = await startPool({ warm: 0 });
    const [server] = readdirSync(workFolder);
    const code = 'import os\nfor _ in range(40):\n  os.mkdir("d" * 200)\n  os.chdir("d" * 200)\nos.chmod(".", 0)';
    const result = await run(pool, python(code));
    expect(result).toMatchObject({ code: 0, stderr: '' });
    await result.dispose();
    expect(readdirSync(join(workFolder, server!))).toEqual([]);
  });

  test('removes the folder also when the run could not begin', async () => {
    const { pool, workFolder } = await startPool({ warm: 0 });
    const [server] = readdirSync(workFolder);
    await run(pool, shell('true', ['x'.repeat(5_000_000)])).catch(() => undefined);
    await run(pool, javascript('1', { inputFiles: [{ name: '..', path: '/x' }] })).catch(() => undefined);
    expect(readdirSync(join(workFolder, server!))).toEqual([]);
  });

  test('stops: what runs is asked and killed in time, warm processes and folders are gone, nothing more is begun', async () => {
    const { pool, workFolder } = await startPool({ warm: 2, concurrency: 2, limits: { graceMs: 60_000 } });
    const seconds = uniqueSeconds();
    const stubborn = run(pool, shell(`trap "" TERM; setsid sleep ${seconds} & sleep ${seconds}; sleep ${seconds}`));
    const gentle = run(pool, shell(`sleep ${seconds}`));
    const waiting = run(pool, shell('echo begun'));
    await until(() => processesWith(`sleep ${seconds}`).length >= 3 && pool.counts().warm === 2);
    const begun = performance.now();
    await pool.stop?.(1_000);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(await stubborn).toMatchObject({ ended: 'aborted', signal: 'SIGKILL' });
    expect(await gentle).toMatchObject({ ended: 'aborted', signal: 'SIGTERM' });
    expect(await waiting).toMatchObject({ ended: 'aborted', stdout: '' });
    expect(processesWith(`sleep ${seconds}`)).toEqual([]);
    expect(processesWith(workFolder)).toEqual([]);
    expect(readdirSync(workFolder)).toEqual([]);
    await expect(run(pool, shell('true'))).rejects.toMatchObject({ code: 'draining' });
  });

  test('loses no descriptor and no process over many runs of all kinds', async () => {
    const { pool, workFolder } = await startPool({ warm: 0, reuse: 3 });
    const round = () =>
      Promise.all([
        run(pool, shell('echo a; exit 1')),
        run(pool, javascript('return 1', { reuseKey: 'k' })),
        run(pool, javascript('throw 1')),
        run(pool, javascript('for (;;);', { timeoutMs: 100 })),
      ]);
    await round();
    const before = openDescriptors();
    for (let i = 0; i < 5; i += 1) for (const result of await round()) await result.dispose();
    // One warm process of the key may be kept: four descriptors.
    await until(() => openDescriptors() <= before + 4);
    expect(processesWith(workFolder).length).toBeLessThanOrEqual(pool.counts().warm);
  }, 20_000);

  test.each([
    { concurrency: 0 },
    { limits: { memoryBytes: 0 } },
    { limits: { timeoutMs: Number.NaN } },
  ])('refuses settings that mean nothing: %j', (options) => {
    expect(() =>
      createProcessPool({
        ...{ workFolder: '/nowhere', concurrency: 1, warm: 0, reuse: 0, log: () => undefined },
        ...options,
        limits: { ...defaultProcessLimits, ...(options.limits ?? {}) },
      }),
    ).toThrow(expect.objectContaining({ code: 'configuration' }));
  });

  test.each(['a,b', 'a*b'])('refuses a work folder named %s, which permission flags cannot express', async (name) => {
    const workFolder = join(temporaryFolder(), name);
    mkdirSync(workFolder);
    await expect(startPool({ workFolder })).rejects.toMatchObject({ code: 'configuration' });
  });
});

describe('after a server was killed', () => {
  const script = (workFolder: string, seconds: string) => `
    import { createProcessPool, defaultProcessLimits } from ${JSON.stringify(new URL('../../src/processes/index.ts', import.meta.url).href)};
    const pool = createProcessPool({ workFolder: ${JSON.stringify(workFolder)}, concurrency: 4, warm: 1, reuse: 5,
      limits: defaultProcessLimits, environment: process.env, log: () => {} });
    await pool.start();
    const signal = new AbortController().signal;
    const base = { label: 'x', environment: {}, arguments: [] };
    pool.run({ ...base, kind: 'shell', command: 'setsid sleep ${seconds} & sleep ${seconds}' }, { signal });
    pool.run({ ...base, kind: 'script', language: 'javascript', arguments: {}, code: 'for (;;);' }, { signal });
    setInterval(() => {}, 1000);`;

  const startServer = (workFolder: string, seconds: string): ChildProcess => {
    const server = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script(workFolder, seconds)],
      {
        stdio: 'inherit',
      },
    );
    onTestFinished(() => void server.kill('SIGKILL'));
    return server;
  };
  const ended = (server: ChildProcess) => new Promise((resolve) => server.once('exit', resolve));

  test('the next one ends what was left, on all levels, and removes the folders; a living server keeps its own', async () => {
    const workFolder = temporaryFolder();
    const [dead, living] = [uniqueSeconds(), uniqueSeconds()];
    const servers = [startServer(workFolder, dead), startServer(workFolder, living)];
    await until(() => [dead, living].every((s) => processesWith(`sleep ${s}`).length >= 3), 15_000);
    expect(readdirSync(workFolder)).toHaveLength(2);

    const exit = ended(servers[0]!);
    servers[0]!.kill('SIGKILL');
    await exit;
    // The process in a session of its own has outlived everything above it.
    expect(processesWith(`sleep ${dead}`).length).toBeGreaterThan(0);

    const orphans: number[] = [];
    const { pool } = await startPool({ workFolder, warm: 0, onOrphan: ({ pid }) => orphans.push(pid) });
    expect(processesWith(`sleep ${dead}`)).toEqual([]);
    expect(orphans.length).toBeGreaterThan(0);
    expect(processesWith(`sleep ${living}`).length).toBeGreaterThanOrEqual(3);
    expect(readdirSync(workFolder)).toHaveLength(2);
    expect((await run(pool, shell('echo on'))).stdout).toBe('on\n');

    const last = ended(servers[1]!);
    servers[1]!.kill('SIGKILL');
    await last;
    await pool.stop?.(2_000);
    await startPool({ workFolder, warm: 0 });
    expect(processesWith(`sleep ${living}`)).toEqual([]);
    expect(readdirSync(workFolder)).toHaveLength(1);
  }, 40_000);
});
