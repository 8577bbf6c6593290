import type { IncomingMessage } from 'node:http';
import { fail } from '../model/errors.ts';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Which host names this server answers to. Keeps a page of another name from reaching it through its own DNS. */
export interface Hosts {
  /** Throws `misdirected` for a name that is not ours, `invalid-input` for a request with two or none. */
  check(request: IncomingMessage): void;
  /** Throws `cross-site` when a browser says that a page of another site sends this. */
  checkOrigin(request: IncomingMessage): void;
}

/**
 * @param publicUrl its host counts too; @param allowed further names, `*` for any, `*.example.org` for all below;
 * @param isAllowedOrigin other sites whose pages may change things
 */
export function createHosts(options: {
  host: string;
  publicUrl?: string;
  allowed: readonly string[];
  isAllowedOrigin?: ((origin: string) => boolean) | undefined;
}): Hosts {
  const names = new Set([...loopback, ...options.allowed.map(hostName)]);
  const suffixes = options.allowed.filter((name) => name.startsWith('*.')).map((name) => name.slice(1).toLowerCase());
  if (options.publicUrl !== undefined) names.add(new URL(options.publicUrl).hostname.toLowerCase());
  if (!['0.0.0.0', '::'].includes(options.host)) names.add(hostName(options.host));
  const any = options.allowed.includes('*');
  const known = (name: string) => any || names.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
  /** The last header value that was fine: nearly every request of a server has the same one. */
  let last: string | undefined;

  function check(request: IncomingMessage): void {
    const host = request.headers.host ?? '';
    // Node keeps the first of two Host headers; a proxy in front may have looked at the second (RFC 9112, 3.2).
    if (count(request.rawHeaders) !== 1) {
      throw fail('invalid-input', {
        detail: 'A request must have exactly one Host header.',
        headers: { connection: 'close' },
      });
    }
    if (host === last) return;
    const name = hostName(host);
    if (!known(name)) {
      throw fail(
        'misdirected',
        `This server does not answer to the name ${JSON.stringify(name)}. If it should, add it to allowedHosts.`,
      );
    }
    last = host;
  }

  function checkOrigin(request: IncomingMessage): void {
    const site = request.headers['sec-fetch-site'];
    const origin = request.headers.origin;
    if (origin === undefined && site === undefined) return;
    if (origin !== undefined) {
      // Compared with the name the browser itself used; a proxy's word for it is not asked.
      const same = URL.canParse(origin) && new URL(origin).host === request.headers.host?.toLowerCase();
      const own = options.publicUrl !== undefined && origin === new URL(options.publicUrl).origin;
      if (same || own || options.isAllowedOrigin?.(origin)) return;
      throw fail('cross-site', `A page of ${origin.slice(0, 200)} may not change anything here.`);
    }
    if (site !== 'same-origin' && site !== 'none') {
      throw fail('cross-site', `The browser says that the request is ${String(site).slice(0, 40)}.`);
    }
  }
  return { check, checkOrigin };
}

/** Host name of a Host header or a setting: lower case, without port and without a trailing dot. */
function hostName(host: string): string {
  const name = host.toLowerCase().replace(/:\d{0,5}$/, '');
  if (host.includes(':') && !host.startsWith('[') && host.split(':').length > 2) return `[${host.toLowerCase()}]`;
  return name.replace(/\.$/, '');
}

function count(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts;
}
