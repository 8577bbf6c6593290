import * as z from 'zod';

/** Query and path values arrive as text; these read them strictly and keep the schema of what they mean. */

/** A whole number in decimal digits; anything else is refused as it is, so that the message shows what was sent. */
export const queryInteger = (options: {
  min: number;
  max: number;
  default?: number;
  description?: string;
  example?: number;
}) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
      z.int().min(options.min).max(options.max),
    )
    .optional()
    .meta({
      ...(options.default === undefined ? {} : { default: options.default }),
      ...(options.description === undefined ? {} : { description: options.description }),
      example: options.example ?? options.default ?? options.min,
    });

/** `true` or `false`; a name without a value (`?follow`) means true. */
export const queryFlag = (description: string, example = false, otherwise = false) =>
  z
    .preprocess((value) => (value === 'true' || value === '' ? true : value === 'false' ? false : value), z.boolean())
    .optional()
    .meta({ description, default: otherwise, example });

/** Several values, joined with commas or given several times. */
export const queryList = <T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
  example: T[number],
) =>
  z
    .preprocess(
      (value) =>
        typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.flatMap(splitCommas) : value,
      z.array(z.enum(values)).min(1),
    )
    .optional()
    .meta({ description, example: [example], explode: false });

const splitCommas = (value: unknown): unknown[] => (typeof value === 'string' ? value.split(',') : [value]);

/** An instant as ISO 8601 with a zone. */
export const instant = (description: string, example = '2026-11-22T09:30:00Z') =>
  z.iso.datetime({ offset: true }).meta({ description, example });

/** Milliseconds of an instant that was validated. */
export const toMs = (text: string): number => Date.parse(text);
let lastSecond = 0;
let lastIso = '1970-01-01T00:00:00.';
/** ISO 8601 in UTC. Writing a date is dear and one answer often has several of one second: the last one is kept. */
export function toIso(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastIso = new Date(ms).toISOString().slice(0, -4);
    lastSecond = second;
  }
  const rest = Math.floor(ms) - second * 1000;
  return `${lastIso}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
}
