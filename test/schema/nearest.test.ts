import { describe, expect, it } from 'vitest';
import { didYouMean, listed, nearest } from '../../src/schema/index.ts';

describe('nearest', () => {
  it.each([
    ['yaer', 'year'],
    ['loction', 'location'],
    ['Endpoint', 'endpoint'],
    ['swtich', 'switch'],
  ])('finds the word meant by %s', (word, meant) => {
    expect(nearest(word, ['year', 'location', 'endpoint', 'switch'])).toBe(meant);
  });

  it('does not guess wildly', () => {
    expect(nearest('banana', ['year', 'location'])).toBeUndefined();
    expect(nearest('x', ['yz'])).toBeUndefined();
    expect(didYouMean('banana', ['year'])).toBe('');
  });

  it('lists words as a person does', () => {
    expect(listed(['a'])).toBe('"a"');
    expect(listed(['a', 'b', 'c'])).toBe('"a", "b" or "c"');
    expect(listed(['a', 'b', 'c'], 2)).toBe('"a", "b" … (3 in all)');
  });
});
