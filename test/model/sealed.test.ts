import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { createSealer, hideSealed, maySeal } from '../../src/model/sealed.ts';

const sealer = createSealer(randomBytes(32));
const names = new Set(['password', 'key']);
const seal = (value: Json, names: ReadonlySet<string>): Json => JSON.parse(sealer.seal(value, names));
const value: Json = {
  user: 'scott',
  password: 'tiger',
  nested: [{ key: { a: [1, 'two'] } }, { password: null }],
};

describe('sealed values', () => {
  it('are sealed at any depth, and open to what they were', () => {
    const text = sealer.seal(value, names);
    expect(text).not.toMatch(/tiger|two/);
    expect(text).toContain('scott');
    expect(maySeal(text)).toBe(true);
    expect(sealer.open(JSON.parse(text))).toEqual({ value, secrets: ['tiger', { a: [1, 'two'] }] });
  });

  it('differ each time, and leave alone what has none', () => {
    expect(sealer.seal(value, names)).not.toEqual(sealer.seal(value, names));
    expect(sealer.seal(value, new Set())).toBe(JSON.stringify(value));
    expect(maySeal(JSON.stringify(value))).toBe(false);
  });

  it('are refused when they come from outside, whatever is secret there', () => {
    const stolen = { text: (seal(value, names) as { password: Json }).password };
    for (const secret of [names, new Set<string>()]) {
      expect(() => sealer.seal({ rows: [stolen] }, secret)).toThrow('cannot be part of an input');
    }
    expect(seal({ $sealed: 'no', more: 1 }, names)).toEqual({ $sealed: 'no', more: 1 });
  });

  it('are hidden where they are shown', () => {
    expect(hideSealed(seal(value, names), '***')).toEqual({
      user: 'scott',
      password: '***',
      nested: [{ key: '***' }, { password: null }],
    });
  });

  it('open under their own key alone, and not when they were changed', () => {
    const sealed = seal({ password: 'tiger' }, names) as { password: { $sealed: string } };
    expect(() => createSealer(randomBytes(32)).open(sealed)).toThrow('cannot be opened');
    const changed = sealed.password.$sealed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect(() => sealer.open({ password: { $sealed: `${changed.slice(0, 20)}x${changed.slice(21)}` } })).toThrow();
    expect(() => sealer.open({ password: { $sealed: 'v1.' } })).toThrow('cannot be opened');
    // What only looks a little like it is data.
    expect(sealer.open({ a: { $sealed: 'x' }, b: { $sealed: 'v1.x', c: 1 } }).secrets).toEqual([]);
  });
});
