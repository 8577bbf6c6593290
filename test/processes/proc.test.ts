import { expect, test } from 'vitest';
import { isZombie, type ProcEntry, parseStat, readProcess, readProcesses } from '../../src/processes/proc.ts';
import { members, type Tree } from '../../src/processes/tree.ts';

test('a process is read from /proc, also with blanks and brackets in its name', () => {
  const line =
    '42 (a) (b c) S 7 40 39 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 12345 1000000 256 18446744073709551615';
  expect(parseStat(line)).toMatchObject({
    pid: 42,
    state: 'S',
    parent: 7,
    group: 40,
    session: 39,
    ticks: 100,
    start: 12345,
  });
  expect(parseStat('')).toBeUndefined();
  expect(parseStat('42 (a) S 1')).toBeUndefined();
});

test('the memory read is what Node says of itself', () => {
  const own = readProcess(process.pid)!;
  expect(own.residentBytes / process.memoryUsage.rss()).toBeGreaterThan(0.8);
  expect(own.residentBytes / process.memoryUsage.rss()).toBeLessThan(1.25);
});

test('a process that is not there is undefined, and the list has our own', async () => {
  expect(readProcess(2 ** 22 + 1)).toBeUndefined();
  expect((await readProcesses()).some(({ pid }) => pid === process.pid)).toBe(true);
});

const entry = (pid: number, more: Partial<ProcEntry>): ProcEntry => ({
  ...{ pid, state: 'S', parent: 1, group: pid, session: pid, ticks: 0, start: 100 + pid, residentBytes: 0 },
  ...more,
});

test('a tree is its group, its session, its children, and those seen before; never a zombie or an older process', () => {
  const tree: Tree = { pid: 50, start: 150, marker: 'none', folder: '/nowhere', seen: new Map([[90, 190]]) };
  const all = [
    entry(50, {}),
    entry(60, { group: 50, session: 50 }),
    entry(70, { session: 50 }),
    entry(80, { parent: 60 }),
    entry(85, { parent: 80 }),
    entry(90, {}),
    entry(95, { parent: 50, state: 'Z' }),
    entry(40, { group: 50 }),
    entry(99, {}),
  ];
  expect(members(tree, all, false).map(({ pid }) => pid)).toEqual([50, 60, 70, 80, 85, 90]);
  // The parents are gone, the children were adopted: they are known by their start.
  const orphans = [entry(80, { parent: 1 }), entry(85, { parent: 1, start: 999 })];
  expect(members(tree, orphans, false).map(({ pid }) => pid)).toEqual([80]);
  expect(isZombie(all[6]!)).toBe(true);
});
