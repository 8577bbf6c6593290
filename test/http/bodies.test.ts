import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findFault, MAX_DEPTH, parseJson } from '../../src/http/json-text.ts';
import { queryFlag, queryInteger, queryList } from '../../src/http/query.ts';
import { route } from '../../src/http/routes.ts';
import { isMillraceError } from '../../src/model/errors.ts';
import { startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

const refusal = (text: string): { code: string; detail: string } => {
  try {
    parseJson(text);
  } catch (error) {
    if (isMillraceError(error)) return { code: error.code, detail: error.message };
    throw error;
  }
  return { code: 'none', detail: '' };
};

describe('a JSON body that is broken', () => {
  it.each([
    ['{"a":1,\n "b": 2\n "c": 3}', 'line 3, column 2, expected "," or "}" but found "\\""'],
    ['{"a":1,}', 'line 1, column 8, expected a key in double quotes but found "}"'],
    ["{'a':1}", 'line 1, column 2, expected a key in double quotes or "}" but found "\'"'],
    ['[1,2', 'line 1, column 5, expected "," or "]" but found the end of the text'],
    ['{"a" 1}', 'line 1, column 6, expected ":" but found "1"'],
    ['nul', 'line 1, column 1, expected a value but found "n"'],
    ['01', 'line 1, column 2, expected the end of the text but found "1"'],
    ['"a\tb"', 'line 1, column 3, expected an escaped control character but found "\\t"'],
    ['"a\\x"', 'line 1, column 3, expected an escape such as \\n or \\u00e9 but found "\\\\"'],
    ['{"a":1}x', 'line 1, column 8, expected the end of the text but found "x"'],
    ['', 'line 1, column 1, expected a value but found the end of the text'],
  ])('%s is refused with the place, what was expected and what was found', (text, detail) => {
    expect(refusal(text)).toEqual({ code: 'invalid-json', detail: `The body is not valid JSON: ${detail}.` });
  });

  it('is found broken exactly when JSON.parse finds it so, and never behind its fault', () => {
    const mutated = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', '{', '}', ',', ':', '\\', 'x', '\u0000', '0', '-', '.', '[', ']'),
      )
      .map(([text, at, piece]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place + 1);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (valid) return;
        const { at } = findFault(text);
        expect(at).toBeLessThanOrEqual(text.length);
        // What stands before the fault can be gone on with: cutting it there never makes the fault come earlier.
        expect(findFault(text.slice(0, at)).at).toBe(at);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a JSON body that is well-formed but not accepted', () => {
  it('is nested deeper than the limit, whatever it is nested in', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(refusal(nested(MAX_DEPTH)).code).toBe('none');
    expect(refusal(nested(MAX_DEPTH + 2)).code).toBe('too-deep');
    expect(refusal('['.repeat(100_000)).code).toBe('too-deep');
    // Brackets in texts do not nest.
    expect(refusal(JSON.stringify({ a: '['.repeat(500), b: '\\"[[' })).code).toBe('none');
  });

  it.each([
    '{"__proto__":{"polluted":1}}',
    '{"a":[{"\\u005f_proto__":1}]}',
    '{"constructor":{"prototype":{"polluted":1}}}',
  ])('%s reaches for the prototype', (text) => {
    expect(refusal(text).code).toBe('invalid-input');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may use such names where they do no harm', () => {
    expect(parseJson('{"constructor":"Ford","text":"__proto__"}')).toEqual({ constructor: 'Ford', text: '__proto__' });
  });

  it('is taken with the byte order mark that editors of Windows write, though with one alone', () => {
    expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
    expect(() => parseJson('\ufeff\ufeff{}')).toThrow();
  });
});

const doc = { id: 'op', tag: 'Test', summary: 'Op', responses: { 200: { description: 'ok' } } };

describe('a content type', () => {
  const post = (url: string, type: string | undefined, body: string) =>
    fetch(`${url}/op`, {
      method: 'POST',
      headers: type === undefined ? {} : { 'content-type': type },
      body: Buffer.from(body),
    });

  it.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset="UTF-8"', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=latin1', 415],
    ['application/jsonx', 415],
    ['application/json\t; a=b', 200],
    ['application/json trailing', 415],
    ['application/json, text/plain', 415],
    ['application/problem+json', 415],
    ['text/plain', 415],
    ['text/html', 415],
    ['application/xml', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['multipart/form-data', 415],
    ['application/octet-stream', 415],
    ['nonsense', 415],
    ['/', 415],
    [undefined, 415],
  ])('%s is answered %i, and what is taken is validated', async (type, status) => {
    const { url } = await startHttp((scope) => {
      route(scope, {
        method: 'POST',
        url: '/op',
        access: 'public',
        body: z.strictObject({ a: z.string() }),
        doc,
        handler: (request, reply) => reply.send(request.body),
      });
    });
    const good = await post(url, type, '{"a":"x"}');
    expect(good.status).toBe(status);
    const bad = await post(url, type, '{"a":1,"b":2}');
    expect(bad.status).toBe(status === 200 ? 400 : 415);
    if (status === 415)
      expect(((await bad.json()) as { detail: string }).detail).toContain('Content-Type: application/json');
  });
});

describe('a body', () => {
  it('over the limit is refused by its length and while it comes', async () => {
    const { url } = await startHttp(
      (scope) => {
        route(scope, {
          method: 'POST',
          url: '/op',
          access: 'public',
          body: z.any(),
          doc,
          handler: (_request, reply) => reply.send({}),
        });
      },
      { bodyLimitBytes: 1000 },
    );
    const headers = { 'content-type': 'application/json' };
    const known = await fetch(`${url}/op`, { method: 'POST', headers, body: JSON.stringify('x'.repeat(2000)) });
    expect(known.status).toBe(413);
    expect(((await known.json()) as { detail: string }).detail).toContain('1000 bytes');
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 30; i++) controller.enqueue(new TextEncoder().encode(' '.repeat(100)));
        controller.close();
      },
    });
    const chunked = await fetch(`${url}/op`, { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it('that is missing is told as missing', async () => {
    const { url } = await startHttp((scope) => {
      route(scope, {
        method: 'POST',
        url: '/op',
        access: 'public',
        body: z.strictObject({ a: z.string() }),
        doc,
        handler: (_request, reply) => reply.send({}),
      });
    });
    const response = await fetch(`${url}/op`, { method: 'POST', headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toBe('Missing: the body (an object with a).');
  });
});

describe('a query', () => {
  const query = z.strictObject({
    limit: queryInteger({ min: 1, max: 500, default: 50 }),
    deep: queryFlag('x'),
    state: queryList(['queued', 'running', 'failed'], 'x', 'queued'),
  });
  const start = () =>
    startHttp((scope) => {
      route(scope, {
        method: 'GET',
        url: '/op',
        access: 'public',
        query,
        doc,
        handler: (request, reply) => reply.send(request.query),
      });
    });

  it.each([
    ['limit=7', { limit: 7 }],
    ['deep', { deep: true }],
    ['deep=false', { deep: false }],
    ['state=queued,failed', { state: ['queued', 'failed'] }],
    ['state=queued&state=failed', { state: ['queued', 'failed'] }],
    ['', {}],
  ])('%s is read as %j', async (text, value) => {
    const { url } = await start();
    expect(await (await fetch(`${url}/op?${text}`)).json()).toEqual(value);
  });

  it.each([
    ['limit=abc', 'limit: "abc" is not a number. Accepted: a whole number from 1 to 500, default 50.'],
    ['limit=', 'limit: "" is not a number. Accepted: a whole number from 1 to 500, default 50.'],
    ['limit=0', 'limit: "0" is too small. Accepted: a whole number from 1 to 500, default 50.'],
    ['limit=1e2', 'limit: "1e2" is not a number. Accepted: a whole number from 1 to 500, default 50.'],
    ['limit=501', 'limit: "501" is too large. Accepted: a whole number from 1 to 500, default 50.'],
    ['limit=1&limit=2', 'limit: ["1","2"] is not a number. Accepted: a whole number from 1 to 500, default 50.'],
    ['deep=yes', 'deep: "yes" is not true or false. Accepted: true or false, default false.'],
    ['state=Queued', 'state: "Queued" is not known. Accepted: one of queued, running, failed. Did you mean queued?'],
    ['lmit=3', 'lmit is not known. Did you mean limit? Accepted: limit, deep, state.'],
    ['__proto__=1', '__proto__ is not known. Accepted: limit, deep, state.'],
  ])('%s is refused with what would be right', async (text, message) => {
    const { url } = await start();
    const response = await fetch(`${url}/op?${text}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { errors: { message: string }[] }).errors.map((error) => error.message)).toEqual(
      [message],
    );
  });
});
