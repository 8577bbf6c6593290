import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInterest, lose, offLost, onLost } from '../../src/model/interest.ts';
import { createRegistry } from '../../src/model/registry.ts';

describe('a registry', () => {
  it('holds what a map would, whatever is added and taken away', () => {
    const change = fc.tuple(fc.constantFrom('set', 'delete'), fc.nat(12), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const registry = createRegistry<string>();
        const model = new Map<number, string>();
        for (const [what, key, value] of changes) {
          if (what === 'delete') expect(registry.delete(key)).toBe(model.delete(key));
          else {
            registry.set(key, value);
            model.set(key, value);
          }
          expect(registry.get(key)).toBe(model.get(key));
          expect(registry.size()).toBe(model.size);
        }
        expect(registry.values().toSorted()).toEqual([...model.values()].toSorted());
      }),
    );
  });
});

describe('interest', () => {
  it('tells all who listen once when it is lost, and at once those who come later', () => {
    const interest = createInterest();
    const told: string[] = [];
    const b = () => void told.push('b');
    onLost(interest, () => told.push('a'));
    onLost(interest, b);
    offLost(interest, b);
    expect(interest.lost).toBe(false);
    lose(interest);
    lose(interest);
    onLost(interest, () => told.push('c'));
    expect(interest.lost).toBe(true);
    expect(told).toEqual(['a', 'c']);
  });
});
