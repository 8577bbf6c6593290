import { expect, test } from 'vitest';
import { python, run, startPool, temporaryFolder } from './support.ts';

test('a Python script sees its arguments as variables and is run as `__main__`', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(
    pool,
    python('import sys\nprint(__name__, a["b"], c, n, sys.argv)\nprint("err", file=sys.stderr)', {
      arguments: { a: { b: 'grüße' }, c: [1, 2.5, true, null], n: null },
    }),
  );
  expect(result).toMatchObject({
    code: 0,
    stdout: "__main__ grüße [1, 2.5, True, None] None ['script.py']\n",
    stderr: 'err\n',
  });
});

test('it reads standard input, and its classes and functions see the variables', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(
    pool,
    python('import sys\nclass A:\n  def f(self): return x + sys.stdin.read()\nprint(A().f())', {
      arguments: { x: 'a' },
      stdin: 'b',
    }),
  );
  expect(result.stdout).toBe('ab\n');
});

test.each([
  ['raise ValueError("broken")', 1, /File "script\.py", line 1[\s\S]*raise ValueError\("broken"\)\nValueError: broken/],
  ['def f():\n  return 1 / 0\nf()', 1, /line 3, in <module>[\s\S]*line 2, in f[\s\S]*ZeroDivisionError/],
  ['x = (', 1, /SyntaxError/],
  ['import sys; sys.exit(4)', 4, /^$/],
  ['import sys; sys.exit("bye")', 1, /^bye\n$/],
])('`%s` ends with code %i', async (code, exit, stderr) => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(pool, python(code));
  expect(result.code).toBe(exit);
  expect(result.stderr).toMatch(stderr);
  expect(result.stderr).not.toContain('hosts/python.py');
});

test('it imports what lies in its folder, not what lies beside our own files', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(pool, python('open("helper.py", "w").write("x = 5")\nimport helper\nprint(helper.x)'));
  expect(result).toMatchObject({ code: 0, stdout: '5\n' });
});

test('more memory than the machine gives it is an error of the script', async () => {
  const { pool } = await startPool({ warm: 0 });
  const result = await run(pool, python('x = bytearray(50 * 1024 ** 3)'));
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('MemoryError');
});

test.each(['a b', '', 'x=1', '__builtins__', '1a'])('an argument named %j is refused', async (name) => {
  const { pool } = await startPool({ warm: 0 });
  await expect(run(pool, python('pass', { arguments: { [name]: 1 } }))).rejects.toMatchObject({
    code: 'invalid-definition',
  });
});

test('without python3 on the PATH the error says what is missing', async () => {
  const { pool } = await startPool({ warm: 0, environment: { PATH: temporaryFolder() } });
  const error = await run(pool, python('pass')).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'unavailable-feature' });
  expect(String(error)).toContain('python3');
});
