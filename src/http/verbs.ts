import type { IncomingMessage } from 'node:http';

/**
 * Verbs at the end of a wildcard address: `POST /workflows/A/b:jobs`. The router cannot have anything behind a wildcard,
 * so the verb is a constraint beside the path. It is read from the address as sent: a colon that belongs to a name is
 * written `%3A`, as every encoding function writes it.
 */
export function createVerbStrategy<Handler>() {
  const known = new Set<string>();
  return {
    name: 'verb',
    storage() {
      const handlers = new Map<string, Handler>();
      return {
        get: (verb: string) => handlers.get(verb) ?? null,
        set: (verb: string, handler: Handler) => {
          known.add(verb);
          handlers.set(verb, handler);
        },
      };
    },
    deriveConstraint: ({ url = '' }: IncomingMessage): string => {
      const verb = lastPart(url);
      // Undefined means to the router that there is no verb; its types do not say so.
      return (verb !== undefined && known.has(verb) ? verb : undefined) as string;
    },
    /** An address with a verb never falls through to the route without one. */
    mustMatchWhenDerived: true,
  };
}

/** What follows the last colon of a path. */
export function lastPart(url: string): string | undefined {
  const mark = url.indexOf('?');
  const end = mark < 0 ? url.length : mark;
  const colon = url.lastIndexOf(':', end - 1);
  return colon < 0 ? undefined : url.slice(colon + 1, end);
}
