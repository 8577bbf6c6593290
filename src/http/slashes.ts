import type { Dialect } from '../dialect.ts';

/** Takes the slash off the end of paths below those dialects that ignore it, before a route is looked for. */
export function createSlashes(dialects: readonly Pick<Dialect, 'prefix' | 'slashes'>[]) {
  const prefixes = dialects.filter(({ slashes }) => slashes === 'ignored').map(({ prefix }) => `${prefix}/`);
  return (url: string): string => {
    if (!prefixes.some((prefix) => url.startsWith(prefix))) return url;
    const question = url.indexOf('?');
    const end = question < 0 ? url.length : question;
    return url[end - 1] === '/' ? url.slice(0, end - 1) + url.slice(end) : url;
  };
}
