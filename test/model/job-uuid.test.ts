import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJobUuids } from '../../src/model/job-uuid.ts';

const uuids = createJobUuids(Buffer.from('0123456789abcdef'.repeat(2)));
const ids = fc.maxSafeNat();

describe('the UUID of a job', () => {
  it('leads back to its id, in either case', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(uuids.idOf(uuids.of(id))).toBe(id);
        expect(uuids.idOf(uuids.of(id).toUpperCase())).toBe(id);
      }),
    );
    for (const id of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48, Number.MAX_SAFE_INTEGER]) {
      expect(uuids.idOf(uuids.of(id))).toBe(id);
    }
  });

  it('is the same whether it is asked for in order, alone or again', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 60 }), fc.nat(2 ** 40), (steps, from) => {
        const inOrder = createJobUuids(Buffer.from('0123456789abcdef'.repeat(2)));
        for (const step of steps) {
          const alone = createJobUuids(Buffer.from('0123456789abcdef'.repeat(2)));
          expect(inOrder.of(from + step)).toBe(alone.of(from + step));
          expect(inOrder.of(from + step + 1)).toBe(alone.of(from + step + 1));
        }
      }),
    );
  });

  it('looks like a random one (RFC 9562, version 4)', () => {
    const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const made = Array.from({ length: 2_000 }, (_, id) => uuids.of(id));
    for (const uuid of made) expect(uuid).toMatch(shape);
    expect(new Set(made.map((uuid) => uuid.slice(0, 8))).size).toBeGreaterThan(1_990);
    expect(new Set(made.map((uuid) => uuid.slice(-8))).size).toBeGreaterThan(1_990);
  });

  it('is refused when a digit was changed, made up, or given by another store', () => {
    fc.assert(
      fc.property(ids, fc.nat(35), fc.constantFrom(...'0123456789abcdef-'), (id, at, digit) => {
        const uuid = uuids.of(id);
        const changed = uuid.slice(0, at) + digit + uuid.slice(at + 1);
        if (changed !== uuid) expect(uuids.idOf(changed)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(uuids.idOf(uuid)).toBeUndefined();
      }),
    );
    const other = createJobUuids(Buffer.from('another secret of this same size'));
    fc.assert(
      fc.property(ids, (id) => {
        expect(other.idOf(uuids.of(id))).toBeUndefined();
      }),
    );
  });
});
