import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mebibyte, run, shell, startPool, temporaryFolder } from './support.ts';

test('a command is run by /bin/sh with its arguments as "$1", "$2" …', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(pool, shell('echo "$2-$1"; echo "$#" >&2; exit 3', ['a b', 'c']));
  expect(result).toMatchObject({ code: 3, stdout: 'c-a b\n', stderr: '2\n', truncated: false, files: [] });
});

test('a command may begin with a dash', async () => {
  const { pool } = await startPool({ warm: 0 });
  expect((await run(pool, shell('-x 2>/dev/null || echo run'))).stdout).toBe('run\n');
});

test('no argument, variable or input is ever read as shell', async () => {
  const { pool } = await startPool({ warm: 0 });
  const nasty = fc.oneof(
    fc.constantFrom(
      '$(touch marker)',
      '`touch marker`',
      '; touch marker',
      '"; touch marker; "',
      "'",
      '\n touch marker',
      '-n',
      '--',
      '*',
      '~',
      '\\',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/[\0\uD800-\uDFFF]/.test(text)),
  );
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, async (argument, variable, stdin) => {
      const result = await run(
        pool,
        shell('printf "%s|%s|" "$1" "$V"; cat; ls', [argument], { environment: { V: variable }, stdin }),
      );
      expect(result).toMatchObject({ code: 0, stdout: `${argument}|${variable}|${stdin}out\n` });
    }),
    { numRuns: 25 },
  );
});

test('its environment is the allow list, its folder and what the request adds', async () => {
  const { pool } = await startPool({
    warm: 0,
    environment: { PATH: process.env['PATH'], TZ: 'UTC', SECRET: 'canary', MILLRACE_ADMIN_PASSWORD: 'canary' },
  });
  const { stdout } = await run(pool, shell('env; pwd; umask', [], { environment: { A: 'b' } }));
  const names = [...stdout.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]).sort();
  expect(names.filter((name) => !['OLDPWD', 'PWD', 'SHLVL', '_'].includes(name!))).toEqual(
    [
      'A',
      'HOME',
      'LANG',
      'MILLRACE_PROCESS',
      'PATH',
      'PYTHONDONTWRITEBYTECODE',
      'PYTHONUNBUFFERED',
      'TMPDIR',
      'TZ',
    ].sort(),
  );
  expect(stdout).not.toContain('canary');
  expect(stdout).toMatch(/^HOME=(.*)\n(.*\n)*\1\n/m);
});

test.each([
  [{ 'a=b': '1' }],
  [{ '': '1' }],
  [{ A: 'x\0y' }],
  [{ 'a\0': '1' }],
])('an environment that no process can have is refused: %j', async (environment) => {
  const { pool } = await startPool({ warm: 0 });
  await expect(run(pool, shell('true', [], { environment }))).rejects.toMatchObject({ code: 'invalid-definition' });
});

test('arguments longer than the system takes are refused with that reason', async () => {
  const { pool } = await startPool({ warm: 0 });
  await expect(run(pool, shell('true', ['x'.repeat(4 * mebibyte)]))).rejects.toMatchObject({ code: 'limit-exceeded' });
});

test('input that nobody reads does no harm', async () => {
  const { pool } = await startPool({ warm: 0 });
  expect(await run(pool, shell('exec 0<&-; echo done', [], { stdin: 'x'.repeat(4 * mebibyte) }))).toMatchObject({
    code: 0,
  });
});

test('output comes while it runs, in whole characters', async () => {
  const { pool } = await startPool({ warm: 0 });
  const seen: [string, string][] = [];
  const result = await pool.run(
    shell(String.raw`printf 'a\303'; sleep 0.1; printf '\274b'; printf err >&2; sleep 0.1; printf '\360\237'`),
    { signal: new AbortController().signal, onOutput: (stream, text) => seen.push([stream, text]) },
  );
  expect(result).toMatchObject({ stdout: 'aüb\uFFFD', stderr: 'err' });
  expect(seen[0]).toEqual(['stdout', 'a']);
  expect(seen).toContainEqual(['stdout', 'üb']);
  expect(
    seen
      .filter(([stream]) => stream === 'stdout')
      .map(([, text]) => text)
      .join(''),
  ).toBe('aüb\uFFFD');
});

test('a listener that throws does not hurt the run', async () => {
  const { pool, lines } = await startPool({ warm: 0 });
  const result = await pool.run(shell('echo a; sleep 0.1; echo b'), {
    signal: new AbortController().signal,
    onOutput: () => {
      throw new Error('listener');
    },
  });
  expect(result.stdout).toBe('a\nb\n');
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('of much output the beginning and the end are kept', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(pool, shell('seq 1 100000', [], { outputBytes: 1000 }));
  expect(result.truncated).toBe(true);
  expect(result.stdout).toMatch(/^1\n2\n3\n/);
  expect(result.stdout).toMatch(/\n\[\d+ bytes left out\]\n/);
  expect(result.stdout).toMatch(/99999\n100000\n$/);
  expect(result.stdout.length).toBeLessThan(1_100);
});

test('of its files only plain ones with safe names are taken', async () => {
  const { pool } = await startPool({ warm: 0 });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'secret'), 'canary');
  const result = await run(
    pool,
    shell(
      'echo good > out/good; ln -s "$1/secret" out/link; ln "$1/secret" out/hard; mkfifo out/pipe; mkdir out/folder; echo x > "out/a\nb"; echo x > out/.hidden',
      [folder],
    ),
  );
  expect(result.files.map(({ name }) => name)).toEqual(['.hidden', 'good']);
});

test('an `out` that was replaced by a link gives nothing', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(pool, shell('rmdir out; ln -s /etc out'));
  expect(result).toMatchObject({ code: 0, files: [] });
});

test.each(['../x', 'a/b', '', '..', 'a\nb', 'x'.repeat(256)])('an input file cannot be named %j', async (name) => {
  const { pool } = await startPool({ warm: 0 });
  const request = shell('true', [], { inputFiles: [{ name, path: '/etc/hostname' }] });
  await expect(run(pool, request)).rejects.toMatchObject({ code: 'invalid-path' });
});
