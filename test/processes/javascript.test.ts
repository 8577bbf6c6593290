import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { javascript, mebibyte, run, startPool, temporaryFolder } from './support.ts';

describe('a script', () => {
  test('is the body of an async function: it returns a value, awaits, and sees its arguments as variables', async () => {
    const { pool } = await startPool();
    const result = await run(
      pool,
      javascript('const later = await Promise.resolve(a * 2); console.log("seen", b.c); return { later };', {
        arguments: { a: 21, b: { c: 'd' } },
      }),
    );
    expect(result).toMatchObject({ code: 0, value: { later: 42 }, stdout: 'seen d\n', stderr: '', truncated: false });
    expect(result.ended).toBeUndefined();
  });

  test('is over when nothing can happen any more, as in Node', async () => {
    const { pool } = await startPool();
    const result = await run(pool, javascript('setTimeout(() => console.log("later"), 50); return 1;'));
    expect(result).toMatchObject({ code: 0, stdout: 'later\n', value: 1 });
  });

  test('may import what Node has, and files of its own folder', async () => {
    const { pool } = await startPool();
    const result = await run(
      pool,
      javascript(`
        const { writeFileSync } = await import('node:fs');
        writeFileSync('helper.mjs', 'export const answer = 42');
        const { answer } = await import('./helper.mjs');
        return [answer, (await import('node:path')).basename(process.cwd()) !== ''];`),
    );
    expect(result).toMatchObject({ code: 0, stderr: '', value: [42, true] });
  });

  test('that throws has code 1 and its stack, with the line of the script, on standard error', async () => {
    const { pool } = await startPool();
    const result = await run(pool, javascript('const a = 1;\nthrow new TypeError("broken");'));
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('TypeError: broken');
    expect(result.stderr).toContain('script.js:2:7');
  });

  test.each([
    ['throw { status: 7 }', 1, '{"status":7}'],
    ['throw undefined', 1, 'undefined'],
    ['Promise.reject(new Error("nobody waits"))', 1, 'nobody waits'],
    ['setTimeout(() => { throw new Error("late") }, 10)', 1, 'late'],
    ['function f() { return f() + 1 } f()', 1, 'Maximum call stack'],
    ['process.exit(7)', 7, ''],
    ['process.exitCode = 3', 3, ''],
    ['await new Promise(() => {})', 13, 'still waited'],
    ['let x = ;', 1, 'SyntaxError'],
    ['import fs from "node:fs"', 1, 'await import('],
    ['}); console.log("escaped"); (() => {', 1, 'SyntaxError'],
  ])('`%s` ends with code %i', async (code, exit, stderr) => {
    const { pool } = await startPool();
    const result = await run(pool, javascript(code));
    expect(result.code).toBe(exit);
    expect(result.stderr).toContain(stderr);
    expect(result.stdout).toBe('');
    expect(result.value).toBeUndefined();
  });

  test.each([
    'process.exit(2)',
    'throw 1',
    'process.exitCode = 4',
  ])('has printed all it printed when it ends with `%s`', async (end) => {
    const { pool } = await startPool();
    const request = javascript(`console.log("x".repeat(3e6)); console.error("y".repeat(1e6)); ${end}`, {
      outputBytes: 8 * mebibyte,
    });
    const result = await run(pool, request);
    expect(result.stdout).toHaveLength(3_000_001);
    expect(result.stderr.startsWith(`${'y'.repeat(1e6)}\n`)).toBe(true);
  });

  test('that aborts the process ends by that signal', async () => {
    const { pool } = await startPool();
    const result = await run(pool, javascript('process.abort()'));
    expect(result.signal).toBe('SIGABRT');
    expect(result.code).toBeUndefined();
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['() => 1', undefined],
    ['10n', undefined],
    ['(() => { const a = []; a.push(a); return a })()', undefined],
    ['new Date(0)', '1970-01-01T00:00:00.000Z'],
    ['"line\\nbreak \\u2028 \\0"', 'line\nbreak \u2028 \0'],
  ])('that returns %s has the value %j', async (code, value) => {
    const { pool } = await startPool();
    const result = await run(pool, javascript(`return ${code}`));
    expect(result.code).toBe(0);
    expect(result.value).toEqual(value);
  });

  test('that returns more than may be kept fails and says so', async () => {
    const { pool } = await startPool();
    const fits = await run(pool, javascript('return "x".repeat(998)', { outputBytes: 1000 }));
    expect(fits.value).toHaveLength(998);
    const more = await run(pool, javascript('return "x".repeat(999)', { outputBytes: 1000 }));
    expect(more.code).toBe(1);
    expect(more.stderr).toContain('1001 bytes');
  });

  test('reads its standard input, which is empty if none is given', async () => {
    const { pool } = await startPool();
    const read = 'let all = ""; for await (const part of process.stdin) all += part; return all;';
    expect((await run(pool, javascript(read, { stdin: 'grüße' }))).value).toBe('grüße');
    expect((await run(pool, javascript(read))).value).toBe('');
    expect((await run(pool, javascript(read, { reuseKey: 'k' }))).value).toBe('');
    expect((await run(pool, javascript(read, { reuseKey: 'k' }))).value).toBe('');
  });

  test('that never reads its input is not held up by it', async () => {
    const { pool } = await startPool();
    expect((await run(pool, javascript('return 1', { stdin: 'x'.repeat(4 * mebibyte) }))).value).toBe(1);
  });

  test('finds input files in `in/`, and leaves files in `out/` until they are disposed of', async () => {
    const { pool, workFolder } = await startPool();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'blob'), 'input');
    const result = await run(
      pool,
      javascript(
        `const fs = await import('node:fs');
         fs.writeFileSync('out/b.txt', fs.readFileSync('in/data.csv', 'utf8') + ' seen');
         fs.writeFileSync('out/a.txt', '');
         fs.mkdirSync('out/folder');
         fs.writeFileSync('elsewhere', 'x');`,
        { inputFiles: [{ name: 'data.csv', path: join(folder, 'blob') }] },
      ),
    );
    expect(result.files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a.txt', 0],
      ['b.txt', 10],
    ]);
    expect(result.files[1]!.path.startsWith(workFolder)).toBe(true);
    expect(readFileSync(result.files[1]!.path, 'utf8')).toBe('input seen');
    await result.dispose();
    expect(() => readFileSync(result.files[1]!.path)).toThrow();
    await result.dispose();
  });

  test.each([
    'a b',
    '',
    'a = globalThis.x = 1',
    'await',
    '1a',
    '...rest',
    '{a}',
    'a, b',
  ])('cannot have an argument named %j: it would be code', async (name) => {
    const { pool } = await startPool({ warm: 0 });
    await expect(run(pool, javascript('return 1', { arguments: { [name]: 1 } }))).rejects.toMatchObject({
      code: 'invalid-definition',
    });
  });
});

describe('what a script may see', () => {
  test('is an environment of its own: nothing of the server’s but PATH and the language, and what the request adds', async () => {
    const { pool } = await startPool({
      environment: { PATH: process.env['PATH'], LANG: 'de_DE.UTF-8', MILLRACE_ADMIN_PASSWORD: 'canary', HOME: '/root' },
    });
    const result = await run(
      pool,
      javascript('return process.env', { environment: { ADDED: 'x', MILLRACE_PROCESS: 'y' } }),
    );
    const names = Object.keys(result.value as object).sort();
    expect(names).toEqual(
      [
        'ADDED',
        'HOME',
        'LANG',
        'MILLRACE_PROCESS',
        'PATH',
        'PYTHONDONTWRITEBYTECODE',
        'PYTHONUNBUFFERED',
        'TMPDIR',
      ].sort(),
    );
    expect(result.value).toMatchObject({ ADDED: 'x', LANG: 'de_DE.UTF-8' });
    expect(JSON.stringify(result.value)).not.toContain('canary');
    expect((result.value as { MILLRACE_PROCESS: string }).MILLRACE_PROCESS).not.toBe('y');
  });

  test('is only the files of its own folder: not the server’s, not its environment, not a link to them', async () => {
    const { pool } = await startPool();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'secret'), 'canary');
    const result = await run(
      pool,
      javascript(
        `const fs = await import('node:fs');
         const attempt = (f) => { try { return String(f()) } catch (e) { return e.code } };
         return [
           attempt(() => fs.readFileSync(secret)),
           attempt(() => fs.readFileSync('/proc/' + process.ppid + '/environ')),
           attempt(() => fs.readdirSync('/')),
           attempt(() => fs.symlinkSync(secret, 'link')),
           attempt(() => fs.linkSync(secret, 'link')),
           attempt(() => fs.writeFileSync(secret, 'x')),
           attempt(() => fs.readFileSync('../../../' + secret)),
           attempt(() => process.getBuiltinModule('node:child_process').execSync('id')),
           attempt(() => new (process.getBuiltinModule('node:worker_threads').Worker)('1', { eval: true })),
         ];`,
        { arguments: { secret: join(folder, 'secret') } },
      ),
    );
    expect(result.stderr).toBe('');
    expect(result.value).toEqual(Array(9).fill('ERR_ACCESS_DENIED'));
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('canary');
  });

  test('reads and writes in folders that are open to it, and beside them nothing', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'open'));
    mkdirSync(join(folder, 'closed'));
    for (const name of ['open', 'closed']) writeFileSync(join(folder, name, 'in.txt'), name);
    const { pool } = await startPool({ openFolders: [join(folder, 'open')] });
    const read = (name: string) => `(await import("node:fs")).readFileSync("${join(folder, name)}", "utf8")`;
    const write = (name: string) => `(await import("node:fs")).writeFileSync("${join(folder, name)}", "x")`;
    expect((await run(pool, javascript(`${write('open/out.txt')}; return ${read('open/in.txt')}`))).value).toBe('open');
    expect(readFileSync(join(folder, 'open/out.txt'), 'utf8')).toBe('x');
    for (const code of [read('closed/in.txt'), write('closed/out.txt'), read('open/../closed/in.txt')])
      expect((await run(pool, javascript(`return ${code}`))).stderr).toMatch(/restricted|ERR_ACCESS_DENIED/);
  });

  test('includes other files only where the permission flags are switched off', async () => {
    const { pool } = await startPool({ permissions: false });
    const code = 'return (await import("node:fs")).existsSync("/etc/passwd")';
    expect((await run(pool, javascript(code))).value).toBe(true);
  });
});
