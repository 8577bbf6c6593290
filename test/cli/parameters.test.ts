import { describe, expect, it } from 'vitest';
import { readInput, readParameters } from '../../src/cli/parameters.ts';
import { isMillraceError } from '../../src/model/errors.ts';

const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    location: { type: 'array', items: { type: 'string' } },
    years: { type: 'array', items: { type: 'integer' } },
    year: { type: 'integer' },
    ratio: { type: 'number' },
    loud: { type: 'boolean' },
    code: { type: 'string' },
    rates: { type: 'object' },
    either: { type: ['null', 'integer'] },
    any: {},
  },
};

const messages = (...pairs: string[]): string[] => {
  try {
    readParameters(pairs, schema);
    return [];
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return error.options.errors!.map((one) => one.message);
  }
};

describe('a parameter on the command line', () => {
  it.each([
    [['code=007'], { code: '007' }],
    [['code=a=b'], { code: 'a=b' }],
    [['code='], { code: '' }],
    [['year=1985'], { year: 1985 }],
    [['ratio=0.5'], { ratio: 0.5 }],
    [['loud=true'], { loud: true }],
    [['location=Burnaby'], { location: ['Burnaby'] }],
    [['location=Burnaby, Vancouver'], { location: ['Burnaby', 'Vancouver'] }],
    [['location=a,b', 'location=c'], { location: ['a,b', 'c'] }],
    [['location=["a,b"]'], { location: ['a,b'] }],
    [['years=1,2'], { years: [1, 2] }],
    [['rates={"EUR":1}'], { rates: { EUR: 1 } }],
    [['either='], { either: null }],
    [['either=3'], { either: 3 }],
    [['any=3'], { any: 3 }],
    [['any=three'], { any: 'three' }],
  ])('%j is read as the schema types it', (pairs, input) => {
    expect(readParameters(pairs, schema)).toEqual(input);
  });

  it('without a schema is JSON where it reads as JSON, else text', () => {
    expect(readParameters(['a=1', 'b=x', 'c=1', 'c=y'], undefined)).toEqual({ a: 1, b: 'x', c: [1, 'y'] });
  });

  it('named __proto__ is data like any other', () => {
    const input = readParameters(['__proto__=1'], undefined);
    expect(Object.keys(input)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
  });

  it('that does not fit is refused, all of them at once, with the nearest name', () => {
    expect(messages('year=soon', 'loud=maybe', 'locatoin=x', 'plain', 'rato=1', 'rates=[]')).toEqual([
      '-p plain: write it as name=value.',
      '-p year: "soon" is not accepted. Accepted: integer.',
      '-p loud: "maybe" is not accepted. Accepted: boolean.',
      expect.stringMatching(/^-p locatoin: .* Did you mean location\? It has: location, years, /),
      expect.stringMatching(/^-p rato: .* Did you mean ratio\?/),
      '-p rates: "[]" is not accepted. Accepted: object.',
    ]);
  });

  it('given as --input must be JSON', () => {
    expect(readInput('{"a":1}')).toEqual({ a: 1 });
    expect(() => readInput('{a:1}')).toThrow(/--input is not valid JSON/);
  });
});
