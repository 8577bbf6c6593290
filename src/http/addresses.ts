import type { Dialect } from '../dialect.ts';

type Reading = Pick<Dialect, 'prefix' | 'slashes' | 'readAddress'>;

/**
 * The address (path and query) that is routed for the one that was sent. Asked before a route is looked for, so whatever
 * checks a route has, it has for the address that comes back. A dialect that reads addresses itself goes first; else the
 * slash at the end is taken off below those that ignore it.
 */
export function createAddresses(dialects: readonly Reading[]): (request: { url?: string | undefined }) => string {
  const readers = dialects.flatMap(({ readAddress }) => readAddress ?? []);
  const prefixes = dialects.filter(({ slashes }) => slashes === 'ignored').map(({ prefix }) => `${prefix}/`);
  return ({ url = '/' }) => {
    for (const read of readers) {
      const meant = read(url);
      if (meant !== undefined) return meant;
    }
    for (const prefix of prefixes) if (url.startsWith(prefix)) return withoutSlash(url);
    return url;
  };
}

function withoutSlash(url: string): string {
  const question = url.indexOf('?');
  const end = question < 0 ? url.length : question;
  return url[end - 1] === '/' ? url.slice(0, end - 1) + url.slice(end) : url;
}
