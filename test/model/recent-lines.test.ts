import { describe, expect, it } from 'vitest';
import { createRecentLines } from '../../src/model/recent-lines.ts';

describe('recent lines', () => {
  it('are all lines until there are too many, then the latest', () => {
    const recent = createRecentLines(10);
    recent.add('one\n');
    recent.add('two\n');
    expect(recent.lines()).toEqual(['one\n', 'two\n']);
    recent.add('three\n');
    expect(recent.lines()).toEqual(['two\n', 'three\n']);
  });

  it('never hold more than their bound, however many come', () => {
    const recent = createRecentLines(1_000);
    for (let at = 0; at < 20_000; at++) recent.add(`${at}\n`);
    const lines = recent.lines();
    expect(lines.at(-1)).toBe('19999\n');
    expect(lines.join('').length).toBeLessThanOrEqual(1_000);
    expect(lines.length).toBe(166);
  });

  it('are none when nothing may be kept', () => {
    const recent = createRecentLines(0);
    recent.add('one\n');
    expect(recent.lines()).toEqual([]);
  });
});
