import * as z from 'zod';
import { choices } from './choices.ts';
import { whole } from './fields.ts';

/** The part of a list that is wanted. */
export interface Window {
  /** -1: all of it. */
  limit: number;
  offset: number;
}

/** `limit` and `offset` for the query of a list. */
export const pagingQuery = {
  limit: whole(
    { min: -1 },
    {
      description: `Items on a page, at most ${choices.mostItems}; more are cut to that. -1: all.`,
      default: choices.defaultLimit,
    },
  ),
  offset: whole({ min: -1 }, { description: 'Items before the page.', default: 0 }),
};

/** The window a query asks for. `whole: true` where all of a list may be had at once. */
export function windowOf(
  { limit = choices.defaultLimit, offset = 0 }: { limit?: number | undefined; offset?: number | undefined },
  list: { whole: boolean } = { whole: true },
): Window {
  const most = limit < 0 && list.whole ? -1 : Math.min(limit < 0 ? choices.mostItems : limit, choices.mostItems);
  return { limit: most, offset: Math.max(0, offset) };
}

/** A page of a list that is at hand. */
export const pageOf = <T>(all: readonly T[], { limit, offset }: Window): T[] =>
  all.slice(offset, limit < 0 ? undefined : offset + limit);

export interface Envelope<T> {
  items: T[];
  totalCount: number;
  limit: number;
  offset: number;
}

export const envelope = <T>(items: T[], totalCount: number, { limit, offset }: Window): Envelope<T> => ({
  items,
  totalCount,
  limit,
  offset,
});

/** The envelope of a list that has no pages (reference section 1.4). */
export const unpaged = <T>(items: T[]) => ({ offset: -1, limit: -1, totalCount: items.length, items });

/** The envelope of a list that is at hand. */
export const listed = <T>(all: readonly T[], window: Window): Envelope<T> =>
  envelope(pageOf(all, window), all.length, window);

/** The envelope in a document. `name`: of the component. */
export const envelopeOf = (item: z.ZodType, name: string) =>
  z
    .object({ items: z.array(item), totalCount: z.int(), limit: z.int(), offset: z.int() })
    .meta({ id: name, description: 'One page of a list.' });

export const exampleOf = (...items: unknown[]) => ({
  items,
  totalCount: items.length,
  limit: choices.defaultLimit,
  offset: 0,
});
