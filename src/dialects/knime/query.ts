import * as z from 'zod';

/** Of a member of the query that came several times, the last. */
export const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value);

/** A flag as real clients write it: `true`, `True`, or the bare name (reference section 2.3). */
export const flag = (description: string, example = false) =>
  z
    .preprocess((value) => {
      const last = lastOf(value);
      if (last === undefined || typeof last !== 'string') return last;
      const text = last.toLowerCase();
      return text === 'true' || text === '' ? true : text === 'false' ? false : last;
    }, z.boolean())
    .optional()
    .meta({ description, default: false, example });
