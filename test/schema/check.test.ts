import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { checkSchema, patternProblem, safePattern } from '../../src/schema/index.ts';

const issues = (schema: JsonObject) => checkSchema(schema).map((issue) => `${issue.pointer}: ${issue.message}`);

describe('checkSchema', () => {
  it.each<[string, JsonObject, RegExp]>([
    ['an unknown type', { type: 'strng' }, /^\/type: .*did you mean "string"\?$/],
    [
      'a bound that is no number',
      { properties: { a: { minimum: '3' } } },
      /^\/properties\/a\/minimum: "minimum" must be a number; found "3"\.$/,
    ],
    [
      'required that is no list',
      { required: 'a' },
      /^\/required: "required" must be a list of names, each once; found "a"\.$/,
    ],
    ['properties that are no schemas', { properties: { a: 1 } }, /^\/properties: .*names and schemas/],
    ['a pattern with look-ahead', { pattern: '(?=a)b' }, /^\/pattern: .*look-around/],
    ['a pattern with a back-reference', { items: { pattern: '(a)\\1' } }, /^\/items\/pattern: .*back-references/],
    ['a broken pattern', { patternProperties: { '(': true } }, /^\/patternProperties\/\(: .*cannot be used/],
    ['a reference into the network', { $ref: 'https://x.org/s.json' }, /^\/\$ref: .*lies outside/],
    ['a reference that leads nowhere', { $ref: '#/$defs/nope' }, /^: The reference "#\/\$defs\/nope" leads nowhere/],
    ['an unknown dialect', { $schema: 'https://x.org/mine' }, /^\/\$schema: Only JSON Schema 2020-12/],
    ['a length below zero', { anyOf: [{ minLength: -1 }] }, /^\/anyOf\/0\/minLength: .*0 or more/],
  ])('finds %s', (_name, schema, expected) => {
    expect(issues(schema)).toHaveLength(1);
    expect(issues(schema)[0]).toMatch(expected);
  });

  it('does not look for schemas in data', () => {
    expect(
      issues({
        enum: [{ type: 'nope', $ref: 'https://x.org' }],
        default: { pattern: '(' },
        examples: [{ minimum: 'x' }],
      }),
    ).toEqual([]);
  });

  it('takes the older dialects that mean the same', () => {
    expect(
      issues({ $schema: 'http://json-schema.org/draft-07/schema#', definitions: { a: {} }, $ref: '#/definitions/a' }),
    ).toEqual([]);
  });

  it('is bounded for a schema that is nested without end', () => {
    let deep: JsonObject = {};
    for (let i = 0; i < 2000; i++) deep = { not: deep };
    expect(issues(deep)[0]).toMatch(/nested more than 64/);
  });

  it('finds an issue wherever the meta-schema does', () => {
    const ajv = new Ajv2020({ strict: false, logger: false });
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.constant({}),
    );
    const keyword = fc.constantFrom(
      'type',
      'minimum',
      'maxLength',
      'required',
      'properties',
      'items',
      'allOf',
      'uniqueItems',
      'multipleOf',
      'title',
      'additionalProperties',
      'dependentRequired',
      'enum',
      'format',
      'minContains',
    );
    fc.assert(
      fc.property(keyword, value, (name, given) => {
        const schema = { [name]: given } as JsonObject;
        // Beyond the meta-schema: a choice of nothing.
        const valid = ajv.validateSchema(schema) === true;
        if (!valid) expect(checkSchema(schema)).not.toEqual([]);
        else if (name !== 'enum') expect(checkSchema(schema)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('safePattern', () => {
  it('knows the usual', () => {
    expect(safePattern('^[A-Z]{2}\\d{4}$').test('AB1234')).toBe(true);
    expect(safePattern('^\\p{L}+$').test('Größe')).toBe(true);
    expect(patternProblem('^a.b$')).toBeUndefined();
  });

  it('agrees with JavaScript on simple patterns', () => {
    const patterns = ['^a+b*$', '[0-9]{2,3}', '^(x|yz)?$', '\\bfoo\\b', '^[^@ ]+@[^@ ]+$', '\\s', '\\.'];
    fc.assert(
      fc.property(fc.constantFrom(...patterns), fc.string(), (pattern, text) => {
        expect(safePattern(pattern).test(text)).toBe(new RegExp(pattern, 'u').test(text));
      }),
    );
  });
});
