import { describe, expect, it } from 'vitest';
import { createAttempts } from '../../src/engine/attempts.ts';
import { hashPassword, impossibleHash, makePassword, verifyPassword } from '../../src/engine/passwords.ts';

describe('a password', () => {
  it('is verified to its last character, however long', async () => {
    const long = 'x'.repeat(1_000);
    const hash = await hashPassword(`${long}a`);
    expect(await verifyPassword(`${long}a`, hash)).toBe(true);
    expect(await verifyPassword(`${long}b`, hash)).toBe(false);
  });

  it('is kept with its cost and a salt of its own', async () => {
    const [one, two] = [await hashPassword('same'), await hashPassword('same')];
    expect(one).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
  });

  it('never fits what is no hash', async () => {
    expect(await verifyPassword('', '')).toBe(false);
    expect(await verifyPassword('x', 'plain$x')).toBe(false);
  });

  it('has the same form and cost where none can fit', async () => {
    const form = /\$[\w-]{22}\$[\w-]{43}$/;
    const [real, impossible] = [await hashPassword('x'), impossibleHash()];
    expect(impossible).toMatch(form);
    expect(impossible.replace(form, '')).toBe(real.replace(form, ''));
    expect(await verifyPassword('x', impossible)).toBe(false);
  });

  it('that is drawn has 20 signs which cannot be mistaken for others', () => {
    const drawn = Array.from({ length: 200 }, makePassword);
    for (const one of drawn) expect(one).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{20}$/);
    expect(new Set(drawn).size).toBe(200);
  });
});

describe('failed sign-ins', () => {
  it('are limited per account and address, for a minute', () => {
    let now = 0;
    const attempts = createAttempts(3, () => now);
    for (let i = 0; i < 3; i++) {
      attempts.check('ada', '10.0.0.1');
      attempts.failed('ada', '10.0.0.1');
    }
    expect(() => attempts.check('ada', '10.0.0.1')).toThrow(/try again in 60 s/);
    expect(() => attempts.check('ada', '10.0.0.2')).not.toThrow();
    expect(() => attempts.check('bob', '10.0.0.1')).not.toThrow();
    now = 60_000;
    expect(() => attempts.check('ada', '10.0.0.1')).not.toThrow();
  });

  it('are forgotten after a success', () => {
    const attempts = createAttempts(1, () => 0);
    attempts.failed('ada', 'a');
    attempts.succeeded('ada', 'a');
    expect(() => attempts.check('ada', 'a')).not.toThrow();
  });
});
