import * as z from 'zod';
import { choices } from './choices.ts';

/**
 * Fields of queries and bodies as the original reads them: texts that mean a number or a yes are taken for it, members
 * nobody knows are passed over.
 */

/** A text with at least one visible character. */
export const notBlank = (description: string, example?: string) =>
  z
    .string()
    .max(1024)
    .regex(/\S/, 'must not be blank')
    .meta({ description, ...(example === undefined ? {} : { example }) });

/** Of a name that an address has several times the first value. */
const first = (value: unknown): unknown => (Array.isArray(value) && typeof value[0] === 'string' ? value[0] : value);

interface Range {
  min?: number;
  max?: number;
}

interface WholeMeta {
  description: string;
  example?: number;
  default?: number;
}

/** A whole number, also as text; null and an empty text count as not given. */
export const whole = (range: Range, meta: WholeMeta) =>
  z
    .preprocess(readWhole, integerIn(range).optional())
    .optional()
    .meta({ example: meta.default ?? range.min ?? 0, ...meta });

/** The same where one must be given. */
export const neededWhole = (range: Range, meta: WholeMeta) =>
  z.preprocess(readWhole, integerIn(range)).meta({ ...meta });

function readWhole(value: unknown): unknown {
  const given = first(value);
  if (given === '' || given === null) return undefined;
  return typeof given === 'string' && /^\s*[-+]?\d{1,100}\s*$/.test(given) ? Number(given) : given;
}

const integerIn = ({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: Range) =>
  z
    .int({
      error: ({ code, input }) => (code === 'invalid_type' && input !== undefined ? 'must be an integer' : undefined),
    })
    .min(min)
    .max(max);

/** A limit in seconds as V3 and the services write it: what is not above zero is none. Read it with `limitIn`. */
export const limitSeconds = (description: string, example: number) => whole({ min: -1 }, { description, example });

export const limitIn = (seconds: number | undefined): number | undefined =>
  seconds === undefined || seconds <= 0 ? undefined : seconds;

const yes = new Set(['true', 'on', 'yes', '1']);
const no = new Set(['false', 'off', 'no', '0']);

/** True or false in any of the spellings the original knows; anything else is undefined. */
export function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = String(value).trim().toLowerCase();
  return yes.has(word) ? true : no.has(word) ? false : undefined;
}

/** `true`, `True`, `on`, `yes`, `1` and their opposites; a name alone means true. */
export const flag = (description: string) =>
  z
    .preprocess((value) => {
      const given = first(value);
      return given === '' ? true : (readFlag(given) ?? given);
    }, z.boolean())
    .optional()
    .meta({ description, default: false, example: true });

/** Several values: a name given several times, or a comma list, or both. */
export const severalOf = <T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
  example: T[number],
) =>
  z
    .preprocess((value) => {
      if (value === undefined) return undefined;
      const list = listOf(value);
      return list.length === 0 ? undefined : list;
    }, z.array(z.enum(values)).optional())
    .meta({ description, example: [example], explode: true });

/** Names of topics: each is an event at the end of the job. */
export const topicNames = z.array(z.string().max(choices.longestTopic)).max(choices.mostTopics);

/** Kinds of repository items, in any case. */
export const itemTypes = z
  .preprocess((value) => {
    const list = value === undefined ? [] : listOf(value).map((one) => one.toLowerCase());
    return list.length === 0 ? undefined : list;
  }, z.array(z.enum(choices.itemTypes)).optional())
  .meta({ description: 'Kind of items.', example: ['workspace'], explode: true });

export const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .flatMap((one) => String(one).split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** One value; of a name given several times the first, and an empty one counts as not given. */
export const single = (description: string, example: string) =>
  z
    .preprocess((value) => {
      const given = first(value);
      return given === '' ? undefined : given;
    }, z.string().max(1024).optional())
    .meta({ description, example });

export const time = (description: string) =>
  z.string().nullable().meta({ description, format: 'date-time', example: '2026-01-15T09:30:00.480Z' });
