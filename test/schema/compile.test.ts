import { describe, expect, it } from 'vitest';
import { isMillraceError } from '../../src/model/errors.ts';
import type { Json } from '../../src/model/json.ts';
import { compileSchema } from '../../src/schema/index.ts';
import { processorMs } from '../support/processor.ts';

const order = compileSchema({
  type: 'object',
  required: ['location', 'count'],
  additionalProperties: false,
  properties: {
    location: { type: 'string', enum: ['Berlin', 'Paris'] },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    year: { type: 'integer', default: 2020 },
    password: { type: 'string', minLength: 8 },
    pin: { type: 'string', format: 'password', pattern: '^[0-9]+$' },
    token: { type: 'string', writeOnly: true, maxLength: 3 },
  },
});
const messages = (schema: Parameters<typeof compileSchema>[0], value: Json) =>
  compileSchema(schema)
    .validate(value)
    .map((error) => `${error.pointer}: ${error.message}`);

describe('validate', () => {
  it('gives nothing for a value that fits', () => {
    expect(order.validate({ location: 'Berlin', count: 1 })).toEqual([]);
  });

  it('tells every error at once, each with pointer, value and what is accepted', () => {
    expect(order.validate({ location: 'Berln', count: 12, yeer: 1 })).toEqual([
      {
        pointer: '/yeer',
        message: '"yeer" is not a known field; did you mean "year"?',
        accepted: '"location", "count", "year", "password", "pin" or "token"',
      },
      {
        pointer: '/location',
        message: '"location" must be one of "Berlin" or "Paris"; found "Berln"; did you mean "Berlin"?',
        accepted: 'one of "Berlin" or "Paris"',
        value: 'Berln',
      },
      {
        pointer: '/count',
        message: '"count" must be a number from 1 to 9; found 12.',
        accepted: 'a number from 1 to 9',
        value: 12,
      },
    ]);
  });

  it('points a missing field to where it should be, with its type', () => {
    expect(order.validate({ location: 'Paris' })).toEqual([
      {
        pointer: '/count',
        message: '"count" is missing; it must be a whole number from 1 to 9.',
        accepted: 'a whole number from 1 to 9',
      },
    ]);
  });

  it('never shows the value of a secret field', () => {
    const errors = order.validate({ location: 'Paris', count: 1, password: 'hunter2', pin: 'abcd!', token: 'abcdef' });
    expect(errors).toHaveLength(3);
    expect(JSON.stringify(errors)).not.toMatch(/hunter2|abcd/);
    expect(errors.every((error) => error.value === undefined)).toBe(true);
  });

  it('hides a secret that lies behind a reference or a list', () => {
    const schema = {
      properties: { users: { type: 'array', items: { $ref: '#/$defs/user' } } },
      $defs: { user: { properties: { key: { type: 'string', format: 'password', allOf: [{ maxLength: 2 }] } } } },
    };
    expect(JSON.stringify(compileSchema(schema).validate({ users: [{ key: 'topsecret' }] }))).not.toContain(
      'topsecret',
    );
  });

  it('reports at most 50 errors', () => {
    const rows = Array.from({ length: 1000 }, () => 'x');
    expect(compileSchema({ type: 'array', items: { type: 'integer' } }).validate(rows)).toHaveLength(50);
  });

  it.each<[string, Parameters<typeof compileSchema>[0], Json, string[]]>([
    ['a wrong type', { type: 'array' }, {}, [': The value must be a list; found an object.']],
    ['several types', { type: ['string', 'null'] }, 1, [': The value must be a string or null; found 1.']],
    ['a constant', { properties: { a: { const: 7 } } }, { a: 8 }, ['/a: "a" must be 7; found 8.']],
    ['a short text', { minLength: 1 }, '', [': The value must be at least 1 character long; found "".']],
    [
      'a format',
      { properties: { d: { format: 'date' } } },
      { d: '31.1.2026' },
      ['/d: "d" must be a date such as 2026-01-31; found "31.1.2026".'],
    ],
    ['an exclusive bound', { exclusiveMinimum: 0 }, 0, [': The value must be a number above 0; found 0.']],
    ['a multiple', { multipleOf: 5 }, 7, [': The value must be a multiple of 5; found 7.']],
    ['a short list', { minItems: 2 }, [1], [': The value must be a list of at least 2 items; found a list of 1 item.']],
    [
      'repeated items',
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [': The value must be a list without repeated items; found a list of 2 items.'],
    ],
    [
      'a choice of types',
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      [],
      [': The value must be a string, or a whole number; found a list of 0 items.'],
    ],
    [
      'a choice that fits twice',
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      [': The value must be exactly one of the accepted forms (it fits more than one); found 3.'],
    ],
    [
      'a dependent field',
      { dependentRequired: { a: ['b'] } },
      { a: 1 },
      [': The value must be sent together with "b"; found an object.'],
    ],
    ['what is excluded', { properties: { a: false } }, { a: 1 }, ['/a: "a" must be absent; found 1.']],
    [
      'a name with a slash',
      { properties: { 'a/b~c': { type: 'string' } } },
      { 'a/b~c': 1 },
      ['/a~1b~0c: "a/b~c" must be a string; found 1.'],
    ],
  ])('says what is wrong: %s', (_name, schema, value, expected) => {
    expect(messages(schema, value)).toEqual(expected);
  });

  it('takes true and false for a schema', () => {
    expect(compileSchema(true).validate(1)).toEqual([]);
    expect(compileSchema(false).validate(1)).toHaveLength(1);
  });

  it('follows references within the schema, recursive ones too', () => {
    const tree = compileSchema({
      $ref: '#/$defs/t',
      $defs: { t: { type: 'object', additionalProperties: { $ref: '#/$defs/t' } } },
    });
    expect(tree.validate({ a: { b: {} } })).toEqual([]);
    expect(tree.validate({ a: { b: 1 } })[0]!.pointer).toBe('/a/b');
  });

  it('answers for a value that is nested too deeply instead of failing', () => {
    const list = compileSchema({ $ref: '#/$defs/l', $defs: { l: { type: 'array', items: { $ref: '#/$defs/l' } } } });
    let deep: Json = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(list.validate(deep)[0]!.message).toMatch(/nested too deeply/);
  });

  it('keeps schemas apart that name themselves alike', () => {
    const a = compileSchema({ $id: 'https://x.org/s', type: 'string' });
    const b = compileSchema({ $id: 'https://x.org/s', type: 'integer' });
    expect([a.validate('x'), b.validate(1)]).toEqual([[], []]);
    expect(a.validate(1)).toHaveLength(1);
  });
});

describe('what an author cannot do', () => {
  it('stall the server with a pattern', () => {
    const evil = compileSchema({ type: 'string', pattern: '^(a+)+$' });
    const begun = processorMs();
    expect(evil.validate(`${'a'.repeat(50_000)}!`)).toHaveLength(1);
    expect(processorMs() - begun).toBeLessThan(1000);
  });

  it('stall the server with a long list of objects that must differ', () => {
    const items = Array.from({ length: 50_000 }, (_, i) => ({ i }));
    const begun = processorMs();
    expect(compileSchema({ uniqueItems: true }).validate(items)).toEqual([]);
    expect(processorMs() - begun).toBeLessThan(2000);
  });

  it('reach into prototypes', () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}}') as Json;
    compileSchema({ type: 'object', properties: { a: { default: 1 } } }).withDefaults(value);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('withDefaults', () => {
  it('fills in defaults on a copy', () => {
    const given = { location: 'Berlin', count: 1 };
    expect(order.withDefaults(given)).toEqual({ value: { location: 'Berlin', count: 1, year: 2020 }, errors: [] });
    expect(given).toEqual({ location: 'Berlin', count: 1 });
  });

  it('gives the errors of the filled value', () => {
    expect(order.withDefaults({ count: 1 }).errors).toHaveLength(1);
  });
});

describe('compileSchema', () => {
  it('refuses what is not a schema, with every issue', () => {
    const refused = () => compileSchema({ type: 'strng', properties: { a: { minimum: '3' } } });
    expect(refused).toThrow(/"type" must be one of/);
    try {
      refused();
    } catch (error) {
      expect(isMillraceError(error) && error.code).toBe('invalid-definition');
      expect(isMillraceError(error) && error.options.errors).toHaveLength(2);
    }
  });
});
