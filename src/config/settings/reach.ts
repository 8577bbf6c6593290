import { flag, hostName, integer, network, optional, webAddress, webOrigin } from '../kinds.ts';
import { list, setting } from './setting.ts';

/** Who may reach it. */
export const reach = {
  publicUrl: setting({
    kind: optional(webAddress),
    default: undefined,
    defaultText: 'taken from each request',
    description: 'Address under which clients see the server, with its path prefix behind a proxy.',
    common: true,
  }),
  allowedHosts: list(
    hostName,
    'Host names that requests may carry, besides loopback names, `host` and that of `publicUrl`; `*.domain` stands for all below, `*` for any.',
  ),
  allowedOrigins: list(
    webOrigin,
    'Origins of other sites whose pages may call this server from a browser, with a token or password of their own (CORS).',
  ),
  trustProxy: list(network, 'Proxies whose X-Forwarded-* headers are believed.'),
  docsPublic: setting({
    kind: flag,
    default: true,
    description: 'Whether the API documents (`/openapi.json`, `/docs`, `/postman.json`) need no login.',
  }),
  loginFailures: setting({
    kind: integer(1, 10_000),
    default: 10,
    unit: 'per minute',
    description: 'Failed logins per address and user name before further ones are turned away for a while.',
  }),
};
