import { choice, duration, integer, mapOf, network, webAddress } from '../kinds.ts';
import { day, list, setting } from './setting.ts';

/** Calls of workflows to other servers. */
export const outbound = {
  private: setting({
    kind: choice('refuse', 'allow'),
    default: 'refuse',
    description: 'Whether workflows may call loopback, private and link-local addresses.',
  }),
  allow: list(network, 'Hosts and networks workflows may call although `outbound.private` refuses them.'),
  hostMap: setting({
    kind: mapOf(webAddress, 'petstore.example=http://127.0.0.1:9000'),
    default: {},
    defaultText: 'none',
    description: 'Host names that are answered by another server; for tests.',
  }),
  maxMiB: setting({
    kind: integer(1, 4_096),
    default: 16,
    unit: 'MiB',
    description: 'Largest answer of another server, after decompression.',
  }),
  timeoutSeconds: setting({
    kind: duration(1, day),
    default: 30,
    unit: 'seconds',
    description: 'Longest call, unless its step says otherwise.',
  }),
  maxRedirects: setting({
    kind: integer(0, 50),
    default: 5,
    description: 'Redirects followed in one call.',
  }),
};
