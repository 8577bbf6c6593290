import { describe, expect, test } from 'vitest';
import { javascript, run, startPool } from './support.ts';
import { processesWith, until } from './support-processes.ts';

const pid = 'return process.pid';

describe('a warm process', () => {
  test('runs again for the same key, at most `reuse` times, and starts with an empty folder each time', async () => {
    const { pool } = await startPool({ reuse: 3 });
    const pids: unknown[] = [];
    for (let i = 0; i < 6; i += 1) {
      const result = await run(
        pool,
        javascript(
          `const fs = await import('node:fs'); fs.writeFileSync('left', 'x'); fs.writeFileSync('../beside', 'x');
           return [process.pid, fs.readdirSync('.').join(), fs.readdirSync('..').length]`,
          { reuseKey: 'a' },
        ),
      );
      expect((result.value as unknown[]).slice(1)).toEqual(['left,out', 2]);
      pids.push((result.value as unknown[])[0]);
    }
    expect(new Set(pids).size).toBe(2);
    expect(pids.slice(0, 3)).toEqual(Array(3).fill(pids[0]));
  });

  test('is never shared by two keys, nor by runs without a key', async () => {
    const { pool } = await startPool();
    const first = await run(pool, javascript(pid, { reuseKey: 'a' }));
    const second = await run(pool, javascript(pid, { reuseKey: 'b' }));
    const third = await run(pool, javascript(pid));
    const fourth = await run(pool, javascript(pid));
    expect(new Set([first, second, third, fourth].map(({ value }) => value)).size).toBe(4);
    expect((await run(pool, javascript(pid, { reuseKey: 'a' }))).value).toBe(first.value);
  });

  test.each([
    ['a failure', 'throw new Error("x")'],
    ['an exit code', 'process.exitCode = 1'],
    ['a global variable left behind', 'globalThis.left = 1'],
    ['a changed prototype', 'Object.prototype.polluted = 1'],
    ['a listener left behind', 'process.on("SIGUSR2", () => {})'],
    ['another working folder', 'process.chdir("out")'],
    ['much more memory', 'globalThis.constructor.keep = Array.from({ length: 9e6 }, (_, i) => i + 0.5)'],
    ['standard input looked at', 'process.stdin.unref()'],
  ])('is not used again after %s', async (_, code) => {
    const { pool } = await startPool();
    const first = await run(pool, javascript(pid, { reuseKey: 'a' }));
    await run(pool, javascript(code, { reuseKey: 'a' }));
    const after = await run(pool, javascript(pid, { reuseKey: 'a' }));
    expect(after.code).toBe(0);
    expect(after.value).not.toBe(first.value);
  });

  test('forgets the environment of the run before', async () => {
    const { pool } = await startPool();
    const read =
      'const seen = [process.env.A, process.env.B]; process.env.C = "x"; return [process.pid, ...seen, process.env.C]';
    const one = await run(pool, javascript(read, { reuseKey: 'k', environment: { A: '1' } }));
    const two = await run(
      pool,
      javascript(`const c = process.env.C; ${read.replace('process.env.C]', 'c]')}`, {
        reuseKey: 'k',
        environment: { B: '2' },
      }),
    );
    expect(one.value).toEqual([expect.any(Number), '1', null, 'x']);
    expect(two.value).toEqual([(one.value as unknown[])[0], null, '2', null]);
  });

  test('keeps the output of one run apart from the next', async () => {
    const { pool } = await startPool();
    for (let i = 0; i < 10; i += 1) {
      const result = await run(
        pool,
        javascript(`console.log(${i}); console.error("e${i}"); process.stdout.write("end\\0")`, { reuseKey: 'k' }),
      );
      expect(result).toMatchObject({ code: 0, stdout: `${i}\nend\0`, stderr: `e${i}\n` });
    }
  });

  test('answers a repeated small script in about a millisecond', async () => {
    const { pool } = await startPool({ reuse: 1_000 });
    const request = javascript('return n + 1', { reuseKey: 'k', arguments: { n: 1 } });
    for (let i = 0; i < 20; i += 1) await run(pool, request);
    const times: number[] = [];
    for (let i = 0; i < 100; i += 1) {
      const begun = performance.now();
      await run(pool, request);
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    // About 1 ms on an idle machine; the bound leaves room for a busy one.
    expect(times[50]!).toBeLessThan(8);
  });

  test('is ready before the first script comes', async () => {
    const { pool } = await startPool({ warm: 2 });
    while (pool.counts().warm < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(pool.counts()).toEqual({ running: 0, waiting: 0, warm: 2 });
  });

  test('that is killed while it waits is replaced', async () => {
    const { pool, workFolder } = await startPool({ warm: 1 });
    await until(() => pool.counts().warm === 1);
    const [idle] = processesWith(workFolder);
    process.kill(idle!, 'SIGKILL');
    await until(() => processesWith(workFolder).some((other) => other !== idle));
    await until(() => pool.counts().warm === 1);
    expect((await run(pool, javascript(pid, { reuseKey: 'a' }))).value).not.toBe(idle);

    const used = (await run(pool, javascript(pid, { reuseKey: 'a' }))).value as number;
    process.kill(used, 'SIGKILL');
    await until(() => !processesWith(workFolder).includes(used));
    expect((await run(pool, javascript(pid, { reuseKey: 'a' }))).code).toBe(0);
  });

  test('does not add to what the server remembers, however often it runs', async () => {
    const { pool } = await startPool({ reuse: 10_000 });
    const request = javascript('return 1', { reuseKey: 'k' });
    for (let i = 0; i < 300; i += 1) await run(pool, request);
    const begun = performance.now();
    await pool.stop?.(10_000);
    // The end of a process is handled once, not once for each of its runs.
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test('that forges replies on the descriptor only spoils its own run', async () => {
    const { pool } = await startPool();
    const forged = await run(
      pool,
      javascript(
        `const fs = await import('node:fs');
         fs.writeSync(3, JSON.stringify({ id: 'guess', code: 0, reuse: true, value: '"forged"' }) + '\\n');
         setTimeout(() => {}, 50);`,
        { reuseKey: 'k' },
      ),
    );
    expect(forged.code).not.toBe(0);
    expect(forged.value).toBeUndefined();
    expect((await run(pool, javascript('return 1', { reuseKey: 'k' }))).value).toBe(1);
  });
});
