import type { Authentication } from './authentication.ts';

/** Settings of the guarded client; plain data, so that it can be handed to a thread. */
export interface OutboundOptions {
  /** Whether loopback, private, link-local and other addresses that are not public may be called. */
  private: 'refuse' | 'allow';
  /** Allowed although private addresses are refused: host names, `*.` before a domain, addresses, CIDR ranges. */
  allow: string[];
  /** Hosts that are answered elsewhere: `petstore.example` to `http://127.0.0.1:9999`. Such targets are not checked. */
  hostMap?: Record<string, string>;
  /** Bytes of an answer's body, after decompression. */
  maxBytes: number;
  /** Milliseconds for the whole of a request, redirects included, unless the request says less or more. */
  timeoutMs: number;
  maxRedirects: number;
  userAgent: string;
}

export interface OutboundRequest {
  method: string;
  /** Absolute, `http` or `https`. A user and password in it become Basic credentials. */
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** Whether redirects are followed; if not, the 3xx answer itself is given. */
  redirect: boolean;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** How many servers of this kind the work went through already; above 16 it is refused. */
  hops?: number;
  authentication?: Authentication;
}

export interface OutboundResponse {
  status: number;
  statusText: string;
  /** The address that answered at last. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string | string[]>;
  /** Decompressed. */
  body: Uint8Array;
}

/** The one way out to other servers. */
export interface Outbound {
  /**
   * Sends a request; any status is an answer. Throws `outbound-refused` (the address or scheme is not allowed),
   * `step-failed` with `kind` `communication`, `timeout` or `authentication`, `limit-exceeded` (body, redirects, hops),
   * or the signal's reason.
   */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** Ends all connections; requests under way fail. */
  close(): Promise<void>;
}
