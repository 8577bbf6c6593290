import { describe, expect, it } from 'vitest';
import { createAddresses } from '../../src/http/addresses.ts';

const strict = { prefix: '' };
const loose = { prefix: '/loose', slashes: 'ignored' as const };
const reading = {
  prefix: '/read',
  readAddress: (url: string) => (url.startsWith('/READ') ? `/read${url.slice(5)}` : undefined),
};

describe('an address', () => {
  it.each([
    ['/jobs/', '/jobs/'],
    ['/loose/jobs/?a=/', '/loose/jobs?a=/'],
    ['/loose/jobs?a=/', '/loose/jobs?a=/'],
    ['/looser/jobs/', '/looser/jobs/'],
    ['/READ/x/', '/read/x/'],
  ])('%s is routed as %s, whatever ways of reading other dialects have', (sent, routed) => {
    for (const dialects of [
      [strict, loose, reading],
      [reading, loose, strict],
    ])
      expect(createAddresses(dialects)({ url: sent })).toBe(routed);
  });

  it('is the root where none was sent', () => expect(createAddresses([strict])({})).toBe('/'));
});
