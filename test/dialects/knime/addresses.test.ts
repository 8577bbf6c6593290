import { describe, expect, it } from 'vitest';
import { readAddress } from '../../../src/dialects/knime/addresses.ts';

const uuid = '0f3c6c0e-6d0a-4d4d-8d0f-3a2f7f1c9b52';
const v4 = '/knime/rest/v4';

describe('an address as clients write it', () => {
  it.each([
    // Slashes.
    ['/knime//rest/v4/repository', `${v4}/repository`],
    ['//knime/rest/v4//jobs', `${v4}/jobs`],
    [`${v4}/repository//Users/guest/wf:openapi`, `${v4}/repository/Users/guest/wf:openapi`],
    [`${v4}/jobs/`, `${v4}/jobs`],
    [`${v4}/repository/?deep=true`, `${v4}/repository?deep=true`],
    [`${v4}/repository/Users//guest//`, `${v4}/repository/Users/guest`],
    ['/knime/rest/', '/knime/rest'],
    ['/knime/rest', '/knime/rest'],
    // Actions.
    [`${v4}/repository/a/b%3Ajobs`, `${v4}/repository/a/b:jobs`],
    [`${v4}/repository/a/b%3aexecution?timeout=0`, `${v4}/repository/a/b:execution?timeout=0`],
    [`${v4}/repository/a/b/:data`, `${v4}/repository/a/b:data`],
    [`${v4}/repository/a/b:data/`, `${v4}/repository/a/b:data`],
    [`${v4}/repository:data`, `${v4}/repository/:data`],
    [`${v4}/repository/:data`, `${v4}/repository/:data`],
    [`${v4}/repository/a%3Ab`, `${v4}/repository/a%3Ab`],
    [`${v4}/repository/a+b%20c:jobs`, `${v4}/repository/a+b%20c:jobs`],
    [`${v4}/repository/a%2Fb:jobs`, `${v4}/repository/a%2Fb:jobs`],
    // Leftovers of templates.
    [`${v4}/jobs/${uuid}{?async}`, `${v4}/jobs/${uuid}`],
    [`${v4}/jobs/${uuid}%7B?async%7D`, `${v4}/jobs/${uuid}`],
    [`${v4}/jobs/${uuid}%7B%3Fasync%7D`, `${v4}/jobs/${uuid}`],
    [`${v4}/jobs/${uuid}%7B%3Fasync%7D?async=true`, `${v4}/jobs/${uuid}?async=true`],
    [`${v4}/jobs/${uuid}{?async}?async=true`, `${v4}/jobs/${uuid}?async=true`],
    [`${v4}/jobs/${uuid}{?async,reset}&timeout=5`, `${v4}/jobs/${uuid}?timeout=5`],
    [`${v4}/jobs{?user}`, `${v4}/jobs`],
    [`${v4}/repository/a/b:jobs{?timeout}`, `${v4}/repository/a/b:jobs`],
    [`${v4}/repository/a/b%3Aexecution%7B?reset,timeout%7D?reset=true`, `${v4}/repository/a/b:execution?reset=true`],
    // What looks like one and is none.
    [`${v4}/repository/a{b}`, `${v4}/repository/a{b}`],
    [`${v4}/repository/a%7Bb`, `${v4}/repository/a%7Bb`],
    [`${v4}/jobs/${uuid}/output-resources/XLS-918:917`, `${v4}/jobs/${uuid}/output-resources/XLS-918:917`],
    // Contexts of older servers.
    ['/com.knime.enterprise.server/rest/v4/jobs', `${v4}/jobs`],
    ['/webportal/rest/v4/repository/a:data', `${v4}/repository/a:data`],
    // Pages: links in them depend on the slash.
    ['/knime/rest/doc/', '/knime/rest/doc/'],
    ['/knime//rest/doc/static/x.js', '/knime/rest/doc/static/x.js'],
  ])('%s means %s', (sent, meant) => expect(readAddress(sent)).toBe(meant));

  it.each([
    '/',
    '/jobs',
    '/knimes/rest',
    '/knime',
    '/knime/resting',
    '/knime/rest.x',
    '/fmeapiv4//jobs',
    '',
  ])('%s is none of its own', (sent) => expect(readAddress(sent)).toBeUndefined());

  it('is the same when read once more', () => {
    for (const sent of [`${v4}//jobs/${uuid}%7B?async%7D`, `${v4}/repository:data`, `${v4}/repository/a/b%3Adata/`]) {
      expect(readAddress(readAddress(sent)!)).toBe(readAddress(sent));
    }
  });
});
