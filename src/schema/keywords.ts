import { didYouMean, listed } from './nearest.ts';

/** What a keyword of JSON Schema takes, and what it is in words. */
interface Kind {
  words: string;
  accepts(value: unknown): boolean;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every(isText) && new Set(value).size === value.length;
const isSchema = (value: unknown): boolean => typeof value === 'boolean' || isObject(value);

const types = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];
const typeKind: Kind = {
  words: `one of ${listed(types)}, or a list of them`,
  accepts: (value) => {
    const list = Array.isArray(value) ? value : [value];
    return list.length > 0 && list.every((item) => types.includes(item as string));
  },
};
const text: Kind = { words: 'a string', accepts: isText };
const number: Kind = { words: 'a number', accepts: (value) => typeof value === 'number' && Number.isFinite(value) };
const positive: Kind = { words: 'a number above 0', accepts: (value) => typeof value === 'number' && value > 0 };
const count: Kind = {
  words: 'a whole number, 0 or more',
  accepts: (value) => Number.isInteger(value) && (value as number) >= 0,
};
const flag: Kind = { words: 'true or false', accepts: (value) => typeof value === 'boolean' };
const names: Kind = { words: 'a list of names, each once', accepts: isNames };
const list: Kind = { words: 'a list', accepts: Array.isArray };
const schema: Kind = { words: 'a schema (an object, or true or false)', accepts: isSchema };
const schemas: Kind = {
  words: 'a list of schemas with at least one',
  accepts: (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema),
};
const map: Kind = {
  words: 'an object of names and schemas',
  accepts: (value) => isObject(value) && Object.values(value).every(isSchema),
};

/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
export const holdsOne = [
  ...['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'contains', 'not', 'if', 'then'],
  ...['else', 'propertyNames', 'contentSchema'],
];
export const holdsMany = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
export const holdsNamed = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];

const of = (keywords: readonly string[], kind: Kind) => keywords.map((keyword) => [keyword, kind] as const);

const kinds = new Map<string, Kind>([
  ...of(holdsOne, schema),
  ...of(holdsMany, schemas),
  ...of(holdsNamed, map),
  ...of(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'], number),
  ...of(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'], count),
  ...of(['minContains', 'maxContains'], count),
  ...of(['$ref', '$id', '$anchor', '$comment', 'title', 'description', 'format', 'pattern'], text),
  ...of(['uniqueItems', 'deprecated', 'readOnly', 'writeOnly'], flag),
  ['examples', list],
  ['enum', { words: 'a list with at least one value', accepts: (value) => Array.isArray(value) && value.length > 0 }],
  ['required', names],
  ['multipleOf', positive],
  ['type', typeKind],
  [
    'dependentRequired',
    {
      words: 'an object of lists of names',
      accepts: (value) => isObject(value) && Object.values(value).every(isNames),
    },
  ],
]);

/** What is wrong with the value of a keyword, as a sentence; undefined when nothing is, or the keyword is not known. */
export function keywordProblem(keyword: string, value: unknown): string | undefined {
  const kind = kinds.get(keyword);
  if (!kind || kind.accepts(value)) return undefined;
  const found = JSON.stringify(value) ?? 'nothing';
  const hint = keyword === 'type' && typeof value === 'string' ? didYouMean(value, types) : '';
  return `"${keyword}" must be ${kind.words}; found ${found.length > 60 ? `${found.slice(0, 59)}…` : found}${hint || '.'}`;
}
