import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/yaml/index.ts';

describe('parseJson', () => {
  test('reads every JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(json, null, indent);
        expect(JSON.stringify(parseJson(text).value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 300 },
    );
  });

  test('accepts exactly what JSON.parse accepts', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '\\',
      '\\n',
      '\\u00',
      'e1',
      '1',
      '0',
      '-',
      '.',
      '5',
      'true',
      'nul',
      'l',
      ' ',
      '\n',
      '\t',
      '\f',
      '/*',
      "'",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        (text) => {
          let accepted = true;
          try {
            JSON.parse(text);
          } catch {
            accepted = false;
          }
          const faults = parseJson(text).issues.filter((issue) => !issue.message.includes('occurs twice'));
          expect(faults.length === 0).toBe(accepted);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('knows where things stand', () => {
    const { locate } = parseJson('\uFEFF{\n  "a": [1,\n    {"b/c": 2}],\n\t"d": ""}');
    expect(locate('')).toEqual({ line: 1, column: 1 });
    expect(locate('/a')).toEqual({ line: 2, column: 3 });
    expect(locate('/a/1')).toEqual({ line: 3, column: 5 });
    expect(locate('/a/1/b~1c')).toEqual({ line: 3, column: 6 });
    expect(locate('/d/x')).toEqual({ line: 4, column: 2 });
  });

  test.each([
    ['a comment', '{\n  // no\n}', 2, 3, 'Found "/"'],
    ['a comma at the end', '{"a": 1,\n}', 2, 1, 'a key in double quotes'],
    ['a missing colon', '{"a" 1}', 1, 6, '`:`'],
    ['an early end', '{"a": [1,', 1, 10, 'The text ends'],
    ['single quotes', "{'a': 1}", 1, 2, 'double quotes'],
    ['a leading zero', '[01]', 1, 3, '`,` or `]`'],
    ['a line break in a text', '["a\nb"]', 1, 4, 'Found'],
    ['an open text', '["ab', 1, 2, 'no closing quote'],
    ['a bad escape', '["\\x41"]', 1, 3, 'escapes'],
    ['a second value', '1 2', 1, 3, 'the end'],
    ['a number too large', '[1e999]', 1, 2, 'too large'],
    ['a duplicate key', '{"a":1,\n "a":2}', 2, 2, 'occurs twice'],
    ['nothing', '', 1, 1, 'The text ends'],
  ])('refuses %s with its place', (_name, text, line, column, message) => {
    const { issues } = parseJson(text);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ line, column });
    expect(issues[0]!.message).toContain(message);
  });

  test('depth 64 is read, 65 and 100 000 are refused', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseJson(nested(64)).issues).toEqual([]);
    expect(parseJson(nested(65)).issues[0]).toMatchObject({ line: 1, column: 65 });
    expect(parseJson(nested(100_000)).issues).toHaveLength(1);
  });

  test('a text of 131 000 items is refused', () => {
    expect(parseJson(`[${'1,'.repeat(131_000)}1]`).issues[0]!.message).toContain('50000');
    expect(parseJson('{"a":[1,2]}', 5).issues).toEqual([]);
    expect(parseJson('{"a":[1,2]}', 4).issues[0]!.message).toContain('more than 4 keys and values');
  });

  test('a text of the largest size is read', () => {
    expect(parseJson(JSON.stringify('é"\\'.repeat(40_000))).issues).toEqual([]);
  });

  test('a key named __proto__ is plain data', () => {
    const { value } = parseJson('{"__proto__": {"polluted": true}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
