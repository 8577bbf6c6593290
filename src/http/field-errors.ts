import type { $ZodIssue, $ZodType } from 'zod/v4/core';
import { nearest } from '../config/nearest.ts';
import type { FieldError } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { accepted, schemaAt, unwrap } from './accepted.ts';

type Part = NonNullable<FieldError['in']>;

/** Every issue zod found, as our field errors: pointer, value found, what is accepted, and one plain sentence. */
export function fieldErrors(issues: readonly $ZodIssue[], schema: $ZodType, value: unknown, part: Part): FieldError[] {
  return issues.flatMap((issue) => toFieldErrors(issue, schema, value, part)).slice(0, 50);
}

/** One line that says it all for a person: what is missing first, then the rest. */
export function summarise(errors: readonly FieldError[]): string {
  const missing = errors.filter((error) => error.value === undefined && error.message.startsWith('Missing: '));
  // A misspelt name explains a missing one, so it stands right behind it.
  const rest = errors
    .filter((error) => !missing.includes(error))
    .sort((a, b) => Number(isUnknown(b)) - Number(isUnknown(a)));
  const sentences = rest.slice(0, 3).map((error) => error.message);
  if (missing.length > 0) {
    const names = missing.map((error) => error.message.slice('Missing: '.length, -1));
    sentences.unshift(`Missing: ${names.join(', ')}.`);
  }
  if (rest.length > 3) sentences.push(`And ${rest.length - 3} more.`);
  return sentences.join(' ');
}

/** Queries and headers have names, bodies have paths: an entry of `state=a,b` is still called `state`. */
const placeOf = (path: readonly PropertyKey[], part: Part): readonly PropertyKey[] =>
  part === 'body' ? path : path.slice(0, 1);

const isUnknown = (error: FieldError): boolean =>
  error.message.includes(' is not known.') && error.message.startsWith(error.pointer.replace(/^\//, ''));

const pointerOf = (path: readonly PropertyKey[], part: Part): string =>
  part === 'body'
    ? path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
    : path.map(String).join('.');

const nameOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name ? `${name}.${String(key)}` : String(key)),
    '',
  );

/** The value at a path; where a text was to be read as a list or number, the text itself. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current === 'string') return current;
    current = typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined;
  }
  return current;
}

/** A value for an error text: short, and never a whole body. */
export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function toFieldErrors(issue: $ZodIssue, root: $ZodType, value: unknown, part: Part): FieldError[] {
  const place = part === 'body' ? {} : { in: part };
  const found = valueAt(value, issue.path);
  const schema = schemaAt(root, issue.path);
  const name = nameOf(placeOf(issue.path, part));
  if (issue.code === 'unrecognized_keys') {
    const def = schema === undefined ? undefined : unwrap(schema)._zod.def;
    const known = def?.type === 'object' ? Object.keys(def.shape) : [];
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const near = guess(key, known);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      return {
        pointer: pointerOf(path, part),
        ...place,
        message: `${nameOf(path)} is not known.${hint} Accepted: ${known.join(', ') || 'nothing'}.`,
        value: shorten(valueAt(value, path)),
        accepted: known.join(', '),
      };
    });
  }
  const words = schema === undefined ? undefined : accepted(schema);
  const base = { pointer: pointerOf(placeOf(issue.path, part), part), ...place };
  // Fastify hands over null where no body came.
  const absent = found === undefined || (found === null && issue.path.length === 0);
  if (absent && issue.code !== 'custom') {
    const what = name || (part === 'body' ? 'the body' : part);
    return [
      { ...base, message: `Missing: ${what}${words ? ` (${words})` : ''}.`, ...(words ? { accepted: words } : {}) },
    ];
  }
  const sentence = issue.code === 'custom' ? issue.message : describe(issue, found);
  const hint = hintFor(issue, found);
  return [
    {
      ...base,
      message: `${name || (part === 'body' ? 'The body' : part)}: ${short(found)} ${sentence}.${words ? ` Accepted: ${words}.` : ''}${hint}`,
      value: shorten(found),
      ...(words ? { accepted: words } : {}),
    },
  ];
}

function describe(issue: $ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' || (issue.expected === 'number' && typeof found === 'string')
        ? 'is not a number'
        : `is not ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'string'
        ? 'is too short'
        : issue.origin === 'array'
          ? 'has too few entries'
          : 'is too small';
    case 'too_big':
      return issue.origin === 'string'
        ? 'is too long'
        : issue.origin === 'array'
          ? 'has too many entries'
          : 'is too large';
    case 'invalid_value':
      return 'is not known';
    case 'invalid_format':
      return issue.format === 'regex' ? 'does not fit' : `is not ${article(issue.format)}`;
    default:
      return 'does not fit';
  }
}

const articles: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  datetime: 'a date and time with zone',
  uuid: 'a UUID',
};
const article = (word: string): string => articles[word] ?? `a ${word}`;

function hintFor(issue: $ZodIssue, found: unknown): string {
  if (issue.code !== 'invalid_value' || typeof found !== 'string') return '';
  const near = guess(found, issue.values.map(String));
  return near === undefined ? '' : ` Did you mean ${near}?`;
}

const shorten = (value: unknown): Json => {
  const text = JSON.stringify(value);
  return text === undefined ? null : text.length > 200 ? `${text.slice(0, 197)}...` : (value as Json);
};

/** The name that was meant; what is too long for a slip of the pen is not compared. */
const guess = (wanted: string, known: readonly string[]): string | undefined =>
  wanted.length > 100 ? undefined : nearest(wanted, known);
