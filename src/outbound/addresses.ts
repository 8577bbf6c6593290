import ipaddr from 'ipaddr.js';

/** Public by number, yet the metadata and control service inside a cloud (Azure's WireServer). */
const internalServices = new Set(['168.63.129.16']);

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** NAT64 (RFC 6052): carries an IPv4 address that a gateway will call. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * True for an address on the public internet. Everything else is not: loopback, private, link-local (cloud metadata),
 * shared (CGNAT), multicast, documentation and reserved ranges, tunnels, and IPv6 forms of such IPv4 addresses
 * (IANA special-purpose address registries, RFC 6890).
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) return false;
  if (parsed instanceof ipaddr.IPv4) {
    return parsed.range() === 'unicast' && !internalServices.has(parsed.toString());
  }
  const inner = innerIpv4(parsed);
  if (inner) return isPublicAddress(inner);
  return parsed.range() === 'unicast' && parsed.match(globalUnicast);
}

/** The IPv4 address that a mapped or NAT64 address stands for. */
function innerIpv4(address: ipaddr.IPv6): string | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  if (address.match(nat64)) return new ipaddr.IPv4(address.toByteArray().slice(12)).toString();
  return undefined;
}

/** Parses an address, with or without brackets or a zone; undefined for anything else, such as a host name. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  if (ipaddr.IPv6.isValid(bare)) return ipaddr.IPv6.parse(bare);
  return undefined;
}

/** Makes the test for an allow list of addresses and CIDR ranges; other entries are ignored here. */
export function addressMatcher(list: readonly string[]): (address: string) => boolean {
  const ranges = list.flatMap((entry): [ipaddr.IPv4 | ipaddr.IPv6, number][] => {
    const single = parseAddress(entry);
    if (single) return [[single, single.kind() === 'ipv4' ? 32 : 128]];
    return ipaddr.isValidCIDR(entry) ? [ipaddr.parseCIDR(entry)] : [];
  });
  return (text) => {
    const parsed = parseAddress(text);
    if (parsed === undefined) return false;
    const address = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
    return ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  };
}
