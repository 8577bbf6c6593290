import type { LookupAddress, LookupOptions } from 'node:dns';
import { addressMatcher, isPublicAddress, parseAddress } from './addresses.ts';
import { refused } from './failures.ts';
import type { OutboundOptions } from './types.ts';

/** Looks up a host name, all its addresses, as `dns.promises.lookup` does. */
export type Lookup = (host: string) => Promise<LookupAddress[]>;

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Decides what may be called. */
export interface Guard {
  /** Throws `outbound-refused` for a scheme that is not HTTP and for a host that is an address not allowed. */
  checkUrl(url: URL): void;
  /** Whether a connection to this host name may end at this address. */
  allows(host: string, address: string): boolean;
  /** For `net.connect`: gives only allowed addresses, so that what was checked is what is connected to. */
  lookup(host: string, options: LookupOptions, callback: LookupCallback): void;
}

/** Makes the guard of these settings. */
export function createGuard(options: OutboundOptions, resolve: Lookup): Guard {
  const inAllowedRange = addressMatcher(options.allow);
  const isAllowedHost = hostMatcher(options.allow);
  const allows = (host: string, address: string): boolean =>
    options.private === 'allow' || isPublicAddress(address) || inAllowedRange(address) || isAllowedHost(host);

  return {
    allows,
    checkUrl(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw refused(`The address begins with ${url.protocol}; only http: and https: are called.`);
      }
      // `URL` has made one form of the many ways to write an address: decimal, octal, hexadecimal, enclosed letters.
      if (parseAddress(url.hostname) && !allows(url.hostname, url.hostname)) {
        throw refused(`The address ${url.hostname} is not a public one.`);
      }
    },
    lookup(host, lookupOptions, callback) {
      resolve(host).then(
        (found) => {
          const family = lookupOptions.family === 4 || lookupOptions.family === 6 ? lookupOptions.family : undefined;
          const fitting = found.filter((entry) => family === undefined || entry.family === family);
          const allowed = fitting.filter((entry) => allows(host, entry.address));
          const first = allowed[0];
          if (!first) {
            const list = fitting.map((entry) => entry.address).join(', ') || 'no address';
            return callback(refused(`The host ${host} leads to ${list}, which is not public.`), []);
          }
          if (lookupOptions.all) callback(null, allowed);
          else callback(null, first.address, first.family);
        },
        (error: Error) => callback(error, []),
      );
    },
  };
}

/** Makes the test for the host names of an allow list: `api.example`, or `*.example` for all names below. */
function hostMatcher(list: readonly string[]): (host: string) => boolean {
  const names = new Set(list.map((entry) => entry.toLowerCase()));
  return (host) => {
    const name = host.toLowerCase().replace(/\.$/, '');
    if (names.has(name)) return true;
    return name.split('.').some((_, index, labels) => index > 0 && names.has(`*.${labels.slice(index).join('.')}`));
  };
}
