import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, similar } from '../../src/repository/similar.ts';
import { processorMs } from '../support/processor.ts';

test('a distance counts inserts, removals, replacements and swaps of neighbours', () => {
  const distances: [string, string, number][] = [
    ['same', 'same', 0],
    ['fan out', 'fan uot', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['abc', '', 3],
  ];
  for (const [a, b, distance] of distances) {
    expect(editDistance(a, b, 10), `${a} ${b}`).toBe(distance);
    expect(editDistance(b, a, 10), `${b} ${a}`).toBe(distance);
  }
  expect(editDistance('kitten', 'sitting', 2)).toBe(3);
  expect(editDistance('a', 'abcdefgh', 2)).toBe(3);
});

test('the bound changes no distance within it', () => {
  const word = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 9 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(word, word, fc.nat(5), (a, b, bound) => {
      expect(editDistance(a, b, bound)).toBe(Math.min(editDistance(a, b, 20), bound + 1));
    }),
    { numRuns: 2000 },
  );
});

test('the nearest come first, the same name in another folder among them, and never too many', () => {
  const known = ['/A/report', '/B/Report', '/A/reports', '/A/import', '/zzz', '/C/report'];
  expect(similar('/A/reprot', known)).toEqual(['/A/report', '/A/reports', '/B/Report']);
  expect(similar('/report', known)).toEqual(['/A/report', '/B/Report', '/C/report']);
  expect(similar('/nothing like it', known)).toEqual([]);
});

test('ten thousand long names are gone through quickly', () => {
  const known = Array.from({ length: 10_000 }, (_, i) => `/${'folder/'.repeat(20)}workflow ${i}`);
  const times = Array.from({ length: 3 }, () => {
    const start = processorMs();
    similar(`/${'folder/'.repeat(20)}workflwo`, known);
    return processorMs() - start;
  });
  expect(Math.min(...times)).toBeLessThan(250);
});
