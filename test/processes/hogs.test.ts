import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ProcessRequest } from '../../src/model/process.ts';
import { javascript, mebibyte, python, run, shell, startPool } from './support.ts';
import { longestPause, openDescriptors, processesWith, uniqueSeconds, until } from './support-processes.ts';

const limits = { memoryBytes: 160 * mebibyte, cpuSeconds: 20, timeoutMs: 10_000, graceMs: 200 };

/** Each runs beside a neighbour that must not notice. */
const hogs: [string, ProcessRequest, object][] = [
  ['an endless loop', javascript('for (;;);', { timeoutMs: 700 }), { ended: 'timeout' }],
  ['an endless loop in Python', python('while True: pass', { timeoutMs: 700 }), { ended: 'timeout' }],
  ['an endless loop in the shell', shell('while :; do :; done', [], { timeoutMs: 700 }), { ended: 'timeout' }],
  ['an array of doubles that grows for ever', javascript('const a = []; for (;;) a.push(1.5)'), { ended: 'memory' }],
  [
    '640 MB of buffers, which no heap limit counts',
    javascript(
      'const a = []; for (let i = 0; i < 640; i += 1) { a.push(Buffer.alloc(1e6, 1)); if (i % 20 === 0) await new Promise((r) => setTimeout(r, 5)) } await new Promise((r) => setTimeout(r, 3000))',
    ),
    { ended: 'memory' },
  ],
  ['much memory in Python', python('a = []\nwhile True: a.append(bytearray(1000000))'), { ended: 'memory' }],
  [
    'memory in a grandchild',
    shell('(python3 -c "a = []\nwhile True: a.append(bytearray(1000000))")'),
    { ended: 'memory' },
  ],
  [
    'a catastrophic pattern',
    javascript('/^(a+)+$/.test("a".repeat(60) + "!")', { timeoutMs: 700 }),
    { ended: 'timeout' },
  ],
  ['endless recursion', javascript('const f = () => f() + 1; f()'), { code: 1 }],
  ['an abort', javascript('process.abort()'), { signal: 'SIGABRT' }],
  [
    'a rejection nobody handles',
    javascript('Promise.reject(1); await new Promise((r) => setTimeout(r, 500))'),
    { code: 1 },
  ],
  ['output without end', shell('yes'), { ended: 'output' }],
  ['output without end, of JavaScript', javascript('for (;;) console.log("x".repeat(1000))'), { ended: 'output' }],
  [
    'a line without end on the descriptor for replies',
    javascript(
      'const fs = await import("node:fs"); for (;;) try { fs.writeSync(3, "x".repeat(60000)) } catch (e) { if (e.code !== "EAGAIN") throw e }',
    ),
    { signal: 'SIGKILL' },
  ],
  ['a signal to itself', shell('kill -SEGV $$'), { signal: 'SIGSEGV' }],
  ['a file without end', shell('exec head -c 50000000 /dev/zero > big'), { signal: 'SIGXFSZ' }],
];

test.each(hogs)(
  '%s costs its own process only',
  async (_, hog, expected) => {
    const { pool, workFolder } = await startPool({
      limits: { ...limits, outputBytes: 8 * mebibyte, fileBytes: 10 * mebibyte },
    });
    await run(pool, javascript('return 1', { reuseKey: 'neighbour' }));
    const descriptors = openDescriptors();
    const memory = process.memoryUsage.rss();
    let result: Awaited<ReturnType<typeof run>> | undefined;
    const pause = await longestPause(async () => {
      const running = run(pool, hog).then((value) => {
        result = value;
      });
      const neighbour = await run(pool, javascript('return "well"', { reuseKey: 'neighbour' }));
      expect(neighbour.value).toBe('well');
      await running;
    });
    expect(result).toMatchObject(expected);
    expect(result!.durationMs).toBeLessThan(8_000);
    expect(pause).toBeLessThan(100);
    expect(process.memoryUsage.rss() - memory).toBeLessThan(80 * mebibyte);
    await result!.dispose();
    expect((await run(pool, javascript('return 2'))).value).toBe(2);

    await pool.stop?.(5_000);
    expect(readdirSync(workFolder)).toEqual([]);
    expect(processesWith(workFolder)).toEqual([]);
    await until(() => openDescriptors() <= descriptors);
  },
  20_000,
);

describe('a process that ignores SIGTERM', () => {
  test.each([
    [
      'JavaScript',
      javascript('process.on("SIGTERM", () => console.log("asked")); console.log("up"); setInterval(() => {}, 1000)'),
    ],
    [
      'Python',
      python(
        'import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print("asked"))\nprint("up")\nwhile True: time.sleep(1)',
      ),
    ],
    ['the shell', shell('trap "echo asked" TERM; echo up; while :; do sleep 0.05; done')],
  ])('%s: is asked, then killed after the grace time', async (_, request) => {
    const { pool } = await startPool({ limits: { ...limits, graceMs: 400 } });
    const controller = new AbortController();
    let up: () => void;
    const started = new Promise<void>((resolve) => {
      up = resolve;
    });
    const running = pool.run(request, { signal: controller.signal, onOutput: () => up() });
    await started;
    const begun = performance.now();
    controller.abort();
    const result = await running;
    expect(performance.now() - begun).toBeGreaterThanOrEqual(395);
    expect(performance.now() - begun).toBeLessThan(2_500);
    expect(result).toMatchObject({ ended: 'aborted', signal: 'SIGKILL' });
    expect(result.stdout).toContain('asked');
  });

  test('one that hears it may end in its own way within the grace time', async () => {
    const { pool } = await startPool({ limits: { ...limits, graceMs: 3_000 } });
    const result = await run(
      pool,
      javascript(
        'process.on("SIGTERM", () => { console.log("put away"); process.exit(5) }); setInterval(() => {}, 1000)',
        { timeoutMs: 600 },
      ),
    );
    expect(result).toMatchObject({ ended: 'timeout', code: 5, stdout: 'put away\n' });
    expect(result.durationMs).toBeLessThan(2_500);
  });
});

describe('grandchildren are gone when the run is', () => {
  const python3 = (code: string) => `python3 -c '${code}'`;
  test.each([
    ['in the background', (s: string) => `sleep ${s} & echo started`],
    ['that ignore signals', (s: string) => `(trap "" TERM HUP INT; sleep ${s}) & echo started`],
    ['in a session of their own', (s: string) => `setsid sleep ${s} > /dev/null 2>&1 < /dev/null & echo started`],
    [
      'orphaned in a session of their own',
      (s: string) => `(setsid sleep ${s} > /dev/null 2>&1 < /dev/null &) ; echo started`,
    ],
    ['that hold the output open', (s: string) => `setsid sleep ${s} & echo started`],
    [
      'orphaned, with an empty environment',
      (s: string) => `(env -i setsid /bin/sleep ${s} > /dev/null 2>&1 < /dev/null &) ; echo started`,
    ],
    [
      'daemons in the manner of Unix',
      (s: string) =>
        `${python3(`import os\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  os.chdir("/")\n  os.execvp("sleep", ["sleep", "${s}"])\n os._exit(0)`)}; echo started`,
    ],
  ])('%s', async (_, command) => {
    const { pool } = await startPool({ limits });
    const seconds = uniqueSeconds();
    const result = await run(
      pool,
      shell(`${command(seconds)}; i=0; while [ $i -lt 3 ]; do sleep 0.05; i=$((i+1)); done`),
    );
    expect(result).toMatchObject({ code: 0, stdout: 'started\n' });
    expect(processesWith(`sleep ${seconds}`)).toEqual([]);
  });

  test('also after an abort in the middle', async () => {
    const { pool } = await startPool({ limits });
    const seconds = uniqueSeconds();
    const controller = new AbortController();
    const running = pool.run(shell(`setsid sleep ${seconds} & sleep ${seconds}`), { signal: controller.signal });
    await until(() => processesWith(`sleep ${seconds}`).length >= 2);
    controller.abort();
    expect(await running).toMatchObject({ ended: 'aborted', signal: 'SIGTERM' });
    expect(processesWith(`sleep ${seconds}`)).toEqual([]);
  });

  test('a fork bomb ends at the number of processes allowed, and nothing of it is left', async () => {
    const { pool } = await startPool({ limits: { ...limits, processes: 20 } });
    const seconds = uniqueSeconds();
    // Bounded: it forks at most 150 times, in all directions, also out of its session.
    const result = await run(
      pool,
      shell(`i=0; while [ $i -lt 150 ]; do (setsid sleep ${seconds} &) ; sleep ${seconds} & i=$((i+1)); done; wait`),
    );
    expect(result.ended).toBe('memory');
    expect(result.stderr).toContain('processes, 20 are allowed');
    expect(processesWith(`sleep ${seconds}`)).toEqual([]);
  });
});

test('processor time is limited over the whole tree', async () => {
  const { pool } = await startPool({ limits: { ...limits, cpuSeconds: 1 } });
  const result = await run(pool, shell('(while :; do :; done) & (while :; do :; done) & wait'));
  expect(result.ended).toBe('timeout');
  expect(result.stderr).toContain('processor time');
});
