import { fail } from '../../../model/errors.ts';
import { stringifyExact } from './exact-json.ts';

/**
 * A parameter that does not fit. Status 400 where the original answers 500 (reference sections 5.1 and 10.4); the words by
 * which its clients know the cases are in the messages.
 */
export const parameterError = (name: string, message: string) =>
  fail('invalid-workflow-input', {
    status: 400,
    detail: `Parameter "${name}": ${message}`,
    errors: [{ pointer: name, in: 'input', message }],
  });

/** What is wrong with a value, before it is known whose value it is. */
export class ValueError extends Error {}

/** A value as a message shows it. */
export function shownValue(value: unknown): string {
  // JSON has no word for a number as large as 1e400.
  const tooLarge = typeof value === 'number' && !Number.isFinite(value);
  const text = value === undefined ? 'nothing' : tooLarge ? String(value) : stringifyExact(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
