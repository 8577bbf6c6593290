import type { FastifyRequest } from 'fastify';
import { negotiate } from '../../../http/pages.ts';

export const formats = ['xml', 'json', 'html'] as const;
/** How a service writes its answers. */
export type Format = (typeof formats)[number];

const FORMAT = 'opt_responseformat';

/**
 * The form a request wants its answer in (reference section 10.1): `opt_responseformat` of the address or of a body that
 * was read; without one, JSON for clients that name it, a page for browsers, and for everybody else XML or what the
 * service has for them (`otherwise`). Never fails: errors are answered in it too.
 */
export function formatOf(
  { query, body, headers }: Pick<FastifyRequest, 'query' | 'body' | 'headers'>,
  otherwise: Format = 'xml',
): Format {
  const named = formatIn(query) ?? formatIn(body);
  if (named !== undefined) return named;
  const { accept } = headers;
  // Java's own client sends `text/html` first and wants no page; this type is what browsers alone send.
  if (accept?.includes('application/xhtml+xml')) return 'html';
  const types = ['application/xml', 'application/json'];
  const wanted = negotiate(accept, otherwise === 'json' ? types.toReversed() : types);
  return wanted === 'application/json' ? 'json' : wanted === 'application/xml' ? 'xml' : otherwise;
}

function formatIn(values: unknown): Format | undefined {
  if (typeof values !== 'object' || values === null) return undefined;
  for (const [name, value] of Object.entries(values)) {
    if (name.toLowerCase() !== FORMAT) continue;
    const word = String(Array.isArray(value) ? value[0] : value)
      .trim()
      .toLowerCase();
    return formats.find((format) => format === word);
  }
  return undefined;
}
