import type { ErrorObject } from 'ajv';
import type { FieldError } from '../model/errors.ts';
import { isJsonObject, type Json } from '../model/json.ts';
import { didYouMean, listed } from './nearest.ts';
import { pointerNames, pointerPart } from './pointer.ts';
import { isSecret } from './secrecy.ts';

type Schema = Record<string, unknown>;

/** A value as a message shows it: short, and never the inside of an object or list. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? 'a list of 1 item' : `a list of ${value.length} items`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…${typeof value === 'string' ? '"' : ''}` : text;
}

/** What a schema accepts, in a few words. */
function acceptedBy(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { type, enum: choices, const: only, format, minimum, maximum, pattern } = schema as Schema;
  if (Array.isArray(choices)) return `one of ${listed(choices.map(text))}`;
  if (only !== undefined) return JSON.stringify(only);
  if (type === undefined) return undefined;
  const kinds = (Array.isArray(type) ? type : [type])
    .map((kind) => typeNames[kind as string] ?? String(kind))
    .join(' or ');
  const form = typeof format === 'string' && format !== 'password' ? ` (${format})` : '';
  const range = minimum !== undefined || maximum !== undefined ? ` ${between(minimum, maximum)}` : '';
  return `${kinds}${form}${range}${typeof pattern === 'string' ? ` matching ${pattern}` : ''}`;
}

const typeNames: Record<string, string> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const between = (low: unknown, high: unknown): string =>
  low === undefined ? `up to ${high}` : high === undefined ? `from ${low}` : `from ${low} to ${high}`;

/** One error of the validator as a sentence that names the field, what was found and what is accepted. */
export function describe(error: ErrorObject, hidden: ReadonlySet<string>): FieldError {
  const { keyword, params, data } = error;
  const parent = (error.parentSchema ?? {}) as Schema;
  const extra = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const ofMember = keyword !== 'dependentRequired' && typeof extra === 'string';
  const pointer = ofMember ? `${error.instancePath}/${pointerPart(extra)}` : error.instancePath;
  const name = pointer === '' ? 'The value' : JSON.stringify(pointerNames(pointer).at(-1));
  if (keyword === 'required') return missing(pointer, name, parent, extra as string);
  if (ofMember) return unknown(pointer, name, parent, extra as string);
  const secret = isSecret(error.instancePath, hidden, parent);
  const found = secret ? 'the value sent (not shown)' : shown(data);
  const accepted = wanted(error, parent);
  const hint = keyword === 'enum' && typeof data === 'string' && !secret ? didYouMean(data, choicesOf(parent)) : '';
  return {
    pointer,
    message: `${name} must be ${accepted}; found ${found}${hint || '.'}`,
    accepted,
    ...(secret || isContainer(data) ? {} : { value: short(data as Json) }),
  };
}

const isContainer = (data: unknown): boolean => typeof data === 'object' && data !== null;
const choicesOf = (schema: Schema): string[] => (Array.isArray(schema['enum']) ? schema['enum'].map(text) : []);
const short = (data: Json): Json => (typeof data === 'string' && data.length > 100 ? `${data.slice(0, 99)}…` : data);

function missing(pointer: string, name: string, parent: Schema, key: string): FieldError {
  const properties = parent['properties'];
  const accepted = isJsonObject(properties) && Object.hasOwn(properties, key) ? acceptedBy(properties[key]) : undefined;
  return {
    pointer,
    message: `${name} is missing${accepted === undefined ? '.' : `; it must be ${accepted}.`}`,
    ...(accepted === undefined ? {} : { accepted }),
  };
}

function unknown(pointer: string, name: string, parent: Schema, key: string): FieldError {
  const known = isJsonObject(parent['properties']) ? Object.keys(parent['properties']) : [];
  const guess = didYouMean(key, known);
  const accepted = known.length ? listed(known) : 'no such field';
  return {
    pointer,
    message: `${name} is not a known field${guess || (known.length ? `; known are ${listed(known)}.` : '.')}`,
    accepted,
  };
}

/** What would have been accepted, by the keyword that refused. */
function wanted(error: ErrorObject, schema: Schema): string {
  const limit = error.params['limit'];
  switch (error.keyword) {
    case 'type':
    case 'enum':
    case 'const':
      return acceptedBy(schema) ?? error.message ?? 'of another type';
    case 'minimum':
    case 'maximum':
      return `a number ${between(schema['minimum'], schema['maximum'])}`;
    case 'exclusiveMinimum':
      return `a number above ${limit}`;
    case 'exclusiveMaximum':
      return `a number below ${limit}`;
    case 'multipleOf':
      return `a multiple of ${schema['multipleOf']}`;
    case 'minLength':
      return `at least ${limit} ${limit === 1 ? 'character' : 'characters'} long`;
    case 'maxLength':
      return `at most ${limit} characters long`;
    case 'minItems':
      return `a list of at least ${limit} ${limit === 1 ? 'item' : 'items'}`;
    case 'maxItems':
      return `a list of at most ${limit} items`;
    case 'minProperties':
      return `an object with at least ${limit} fields`;
    case 'maxProperties':
      return `an object with at most ${limit} fields`;
    case 'uniqueItems':
      return 'a list without repeated items';
    case 'pattern':
      return `text matching ${schema['pattern']}`;
    case 'format':
      return formatNames[String(schema['format'])] ?? `a ${schema['format']}`;
    case 'propertyNames':
      return `an object without the field name ${JSON.stringify(error.params['propertyName'])}`;
    case 'dependentRequired':
      return `sent together with ${JSON.stringify(error.params['missingProperty'])}`;
    case 'anyOf':
    case 'oneOf':
      return oneOfForms(error, schema);
    case 'false schema':
      return 'absent';
    case 'not':
      return 'something else (the schema excludes it with `not`)';
    default:
      return (error.message ?? `accepted by ${error.keyword}`).replace(/^must /, 'such that it must ');
  }
}

function oneOfForms(error: ErrorObject, schema: Schema): string {
  const branches = schema[error.keyword];
  if (error.keyword === 'oneOf' && Array.isArray(error.params['passingSchemas'])) {
    return 'exactly one of the accepted forms (it fits more than one)';
  }
  const forms = Array.isArray(branches) ? branches.map(acceptedBy) : [];
  return forms.length && forms.every((form) => form !== undefined)
    ? [...new Set(forms)].join(', or ')
    : `one of the ${forms.length} accepted forms`;
}

const formatNames: Record<string, string> = {
  date: 'a date such as 2026-01-31',
  'date-time': 'a time such as 2026-01-31T12:00:00Z',
  time: 'a time of day such as 12:00:00Z',
  duration: 'an ISO 8601 duration such as PT5M',
  email: 'an e-mail address',
  uri: 'an absolute address such as https://example.org/',
  uuid: 'a UUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
};
