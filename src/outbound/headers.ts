/** Headers of a request or an answer, names in lower case. */
export type Headers = Record<string, string>;

/** Headers that belong to one connection, or that the client itself must set (RFC 9110, section 7.6.1). */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers as sent: names in lower case, those of the connection left out; of two spellings the last counts. */
export function sendable(headers: Readonly<Record<string, string>>): Headers {
  const result: Headers = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!connectionHeaders.has(lower)) result[lower] = value;
  }
  return result;
}

/** Names under which secrets travel, beside the standard ones: `x-api-key`, `private-token`, `x-amz-signature` … */
const secretName = /auth|cookie|credential|key|pass|secret|session|signature|token/;

/** Headers that may go to another origin: without credentials, and without the name of the first host. */
export function withoutCredentials(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name === 'idempotency-key' || (name !== 'host' && !secretName.test(name)),
    ),
  );
}

/** Headers of a request that lost its body. */
export function withoutContent(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}

/** The first value of a header. */
export function headerValue(headers: Record<string, string | string[]>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
