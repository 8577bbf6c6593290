import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberText } from '../../src/http/member-text.ts';

describe('memberText', () => {
  it.each([
    ['{"input":{"a":[1,{"b":"}"}]},"workflow":"/a"}', '{"a":[1,{"b":"}"}]}'],
    ['{"workflow":"/a","input":{"a":1.5}}', '{"a":1.5}'],
    ['{"input":null}', 'null'],
    ['{"input":-12}', '-12'],
    ['{"input":[]}', '[]'],
    ['{"input":"input","a":2}', '"input"'],
    ['{"a":"input","input":"x,y"}', '"x,y"'],
    ['{"a":{"input":1},"input":true}', 'true'],
    ['{"input":false,"a":{"input":1}}', 'false'],
    ['{"input":"ä ü 漢"}', '"ä ü 漢"'],
  ])('of %s is %s', (text, member) => {
    expect(memberText(text, 'input')).toBe(member);
  });

  it.each([
    ['{}', 'no such member'],
    ['{"a":{"input":1}}', 'deeper'],
    ['["input"]', 'no object'],
    ['"input"', 'no object'],
    ['{"input":1,"input":2}', 'twice'],
    ['{"input":1,"inpu\\u0074":2}', 'an escaped name, which may be the same'],
    ['{"input":{"\\u0024sealed":"v1.x"}}', 'an escape'],
    ['{"input":{"a": 1}}', 'a space'],
    ['{"input":\n1}', 'a line break'],
    ['{"input":1e400}', 'an exponent'],
    ['\ufeff{"input":1}', 'a byte order mark'],
  ])('is not taken from %s: %s', (text) => {
    expect(memberText(text, 'input')).toBeUndefined();
  });

  it('means the value that was read, for any value, and leaves nothing out that is written as it is here', () => {
    const body = fc.record({ workflow: fc.string(), input: fc.jsonValue(), labels: fc.jsonValue() });
    fc.assert(
      fc.property(body, fc.constantFrom(0, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const member = memberText(text, 'input');
        if (member !== undefined) expect(JSON.parse(member)).toStrictEqual(JSON.parse(text).input);
        else expect(text).toMatch(/\\|\n|\de/);
      }),
      { numRuns: 2_000 },
    );
  });
});
