import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationMs, durationProblem } from '../../../src/runtimes/serverless/durations.ts';
import { splitTemplate, wholeExpression } from '../../../src/runtimes/serverless/interpolate.ts';
import { dataLimits, measure } from '../../../src/runtimes/serverless/sizes.ts';
import { expandUri } from '../../../src/runtimes/serverless/uri-template.ts';
import { processorMs } from '../../support/processor.ts';

describe('durationMs', () => {
  const from = Date.UTC(2024, 0, 31);
  const day = 86_400_000;

  it.each([
    ['PT0S', 0],
    ['PT1.5S', 1500],
    ['PT1M', 60_000],
    ['PT1H30M', 5_400_000],
    ['P1D', day],
    ['P2W', 14 * day],
    ['P1DT12H', 1.5 * day],
    ['P1M', 29 * day],
    ['P1Y', 366 * day],
  ])('reads %s', (text, ms) => {
    expect(durationMs(text, from)).toBe(ms);
  });

  it('reads an object of units', () => {
    expect(durationMs({ days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 }, 0)).toBe(93_784_005);
  });

  it.each([
    '',
    'P',
    'PT',
    '1h',
    'P1H',
    'PT1D',
    '-PT1S',
    5,
    null,
    {},
    { second: 1 },
    { seconds: 1.5 },
    { seconds: '1' },
    { seconds: -1 },
    'P101Y',
  ])('refuses %j', (value) => {
    expect(durationMs(value, from)).toBeUndefined();
  });

  it('agrees with its check about what is a duration', () => {
    const part = fc.nat({ max: 50 });
    fc.assert(
      fc.property(part, part, part, (d, h, s) => {
        const text = `P${d}DT${h}H${s}S`;
        expect(durationProblem(text)).toBeUndefined();
        expect(durationMs(text, 0)).toBe(durationMs({ days: d, hours: h, seconds: s }, 0));
      }),
    );
  });
});

describe('splitTemplate', () => {
  it.each<[string, ReturnType<typeof splitTemplate>]>([
    ['plain', [{ literal: 'plain' }]],
    ['', [{ literal: '' }]],
    ['${ .a }', [{ jq: ' .a ' }]],
    ['a ${.b} c', [{ literal: 'a ' }, { jq: '.b' }, { literal: ' c' }]],
    ['${ {a: {b: 1}} }${ "}" }', [{ jq: ' {a: {b: 1}} ' }, { jq: ' "}" ' }]],
    ['${ "x \\(.a | {b: "}"}) y" }', [{ jq: ' "x \\(.a | {b: "}"}) y" ' }]],
    ['${ "a\\"}" }', [{ jq: ' "a\\"}" ' }]],
    ['cost: ${5', [{ literal: 'cost: ${5' }]],
    ['${ .a # }\n }', [{ jq: ' .a # }\n ' }]],
  ])('splits %j', (text, pieces) => {
    expect(splitTemplate(text)).toEqual(pieces);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('${', '}', '"', '(', ')', '\\', ' ', 'a', '{')).map((parts) => parts.join('')),
        (text) => {
          const joined = splitTemplate(text).map((piece) => ('jq' in piece ? `\${${piece.jq}}` : piece.literal));
          expect(joined.join('')).toBe(text);
        },
      ),
    );
  });
});

describe('wholeExpression', () => {
  it.each([
    ['${ .a }', ' .a '],
    ['  ${ .a }\n', ' .a '],
    ['${ .a', undefined],
    ['x ${ .a }', undefined],
    ['${ .a } ${ .b }', undefined],
    ['${ (.a }', ' (.a '],
  ])('of %j is %j', (text, expected) => {
    expect(wholeExpression(text)).toBe(expected);
  });
});

describe('expandUri', () => {
  it.each([
    ['/{a}/{b}', { a: 'x y', b: 1 }, '/x%20y/1'],
    ['/{a}', { a: true }, '/true'],
    ['/{a}-{missing}', { a: null }, '/-'],
    ['/{toString}/{__proto__}', {}, '/'.concat('/')],
    ['/{a}', { a: "!'()*~" }, '/%21%27%28%29%2A~'],
    ['/{a}', 'no object', '/'],
  ])('fills %s from %j', (template, data, expected) => {
    expect(expandUri(template, data)).toBe(expected);
  });

  it('never lets a value leave its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const url = new URL(expandUri('https://x.org/a/{v}/b', { v: value === '.' || value === '..' ? 'x' : value }));
        expect(url.host).toBe('x.org');
        expect(url.pathname.split('/')).toHaveLength(4);
        expect(url.search + url.hash).toBe('');
      }),
    );
  });
});

describe('measure', () => {
  it('is never above what the JSON takes, and not far below', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { bytes } = measure(value as never);
        const json = JSON.stringify(value).length;
        expect(bytes).toBeLessThanOrEqual(json * 1.2 + 8);
        expect(bytes * 25 + 8).toBeGreaterThanOrEqual(json);
      }),
    );
  });

  it('counts what is shared as often as it stands there, without walking it again', () => {
    let value: unknown = 'x'.repeat(200);
    for (let i = 0; i < 60; i++) value = [value, value];
    const begun = processorMs();
    expect(measure(value as never).bytes).toBeGreaterThan(dataLimits.bytes);
    expect(processorMs() - begun).toBeLessThan(100);
  });
});
