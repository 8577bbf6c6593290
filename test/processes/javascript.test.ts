import { expect, test } from 'vitest';
import { javascript, run, startPool } from './support.ts';

test('a script is the body of an async function: it returns a value, awaits, and sees its arguments as variables', async () => {
  const { pool } = await startPool();
  const result = await run(
    pool,
    javascript('const later = await Promise.resolve(a * 2); console.log("seen", b.c); return { later };', {
      arguments: { a: 21, b: { c: 'd' } },
    }),
  );
  expect(result).toMatchObject({ code: 0, value: { later: 42 }, stdout: 'seen d\n', stderr: '', truncated: false });
});
