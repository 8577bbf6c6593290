import type { ErrorDocument } from '../dialect.ts';
import { catalogue, type ErrorCode } from '../model/errors.ts';
import type { RouteRecord } from './routes.ts';

/** Codes an operation can fail with: those it names, and those that follow from what it is. */
export function errorCodes(route: RouteRecord): ErrorCode[] {
  const { method, access, doc, schema } = route;
  const codes = new Set<ErrorCode>(doc?.errors ?? []);
  const add = (...more: ErrorCode[]) => {
    for (const code of more) codes.add(code);
  };
  if (access !== 'public') add('unauthenticated', 'forbidden', 'too-many-requests');
  if (schema?.params || schema?.querystring || schema?.body) add('invalid-input');
  if (method !== 'GET') add('cross-site', 'invalid-input', 'store-unavailable', 'disk-full', 'overloaded');
  if (doc?.requestBody !== undefined || schema?.body !== undefined) {
    add('invalid-json', 'too-deep', 'too-large', 'unsupported-media-type');
  }
  add('misdirected', 'internal', 'draining');
  return [...codes];
}

/** What each code says in an example. */
const samples: Partial<Record<ErrorCode, string>> = {
  'invalid-input': 'limit: "abc" is not a number. Accepted: a whole number from 1 to 1000, default 50.',
  'invalid-json': 'The body is not valid JSON: line 3, column 14, expected "," or "}" but found "\\"".',
  'too-deep': 'The body is nested deeper than 64 levels (line 1, column 65).',
  unauthenticated: 'This needs a signed-in user.',
  forbidden: 'You may not run /Examples/Fan out.',
  'cross-site': 'A page of https://elsewhere.example may not change anything here.',
  'not-found': 'There is no job 7, or you may not see it.',
  conflict: 'Job 7 cannot be cancelled: it is completed. It can be cancelled only while it is not finished.',
  'unsupported-media-type':
    'application/x-www-form-urlencoded is not accepted here (curl --data sends a form unless -H says otherwise). Add this header: Content-Type: application/json',
  'too-large': 'The body is larger than 1048576 bytes; the setting bodyLimit changes that.',
  misdirected: 'This server does not answer to the name "elsewhere.example". If it should, add it to allowedHosts.',
  'invalid-workflow-input': 'location: missing. Accepted: a list of text.',
  'too-many-requests': 'Too many failed sign-ins for this name from your address. Wait 60 seconds.',
  internal: 'An unexpected error. The server log has it under request 3f2a9c01-1x.',
  draining: 'The server is stopping and takes no new requests. Send it again in a moment.',
};

const headersOf: Partial<Record<number, Record<string, { description: string; example: string }>>> = {
  401: {
    'WWW-Authenticate': { description: 'The ways to sign in.', example: 'Basic realm="Millrace", charset="UTF-8"' },
  },
  405: { Allow: { description: 'Methods this address has.', example: 'GET, POST' } },
  429: { 'Retry-After': { description: 'Seconds to wait.', example: '60' } },
  503: { 'Retry-After': { description: 'Seconds to wait.', example: '2' } },
};

/** Error answers by status, each a component that other operations with the same codes share. */
export function errorResponses(
  codes: readonly ErrorCode[],
  dialect: { name: string; errors: ErrorDocument },
  components: Map<string, unknown>,
): Record<string, { $ref: string }> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = dialect.errors.statusOf?.(code) ?? catalogue[code].status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses: Record<string, { $ref: string }> = {};
  for (const [status, group] of byStatus) {
    group.sort();
    const prefix = dialect.name === 'native' || dialect.name === 'server' ? '' : `${dialect.name}-`;
    const name = `${prefix}${group.join('_')}`;
    components.set(name, errorResponse(status, group, dialect.errors));
    responses[String(status)] = { $ref: `#/components/responses/${name}` };
  }
  return responses;
}

function errorResponse(status: number, codes: readonly ErrorCode[], errors: ErrorDocument): unknown {
  const example = (code: ErrorCode) => errors.example(code, samples[code] ?? catalogue[code].help);
  const headers = headersOf[status];
  const body = {
    schema: { $ref: `#/components/schemas/${errors.component}` },
    ...(codes.length === 1
      ? { example: example(codes[0]!) }
      : { examples: Object.fromEntries(codes.map((code) => [code, { value: example(code) }])) }),
  };
  return {
    description: codes.map((code) => catalogue[code].title).join('; or: '),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, { description, example }]) => [
              name,
              { description, schema: { type: 'string' }, example },
            ]),
          ),
        }),
    content: {
      ...Object.fromEntries([errors.contentType, ...(errors.alsoAs ?? [])].map((type) => [type, body])),
      ...Object.fromEntries((errors.textTypes ?? []).map((type) => [type, { schema: { type: 'string' } }])),
    },
  };
}
