import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contentDisposition, matchesTag, parseRange } from '../../src/http/downloads.ts';
import { loggedUrl } from '../../src/http/logging.ts';
import { allowedMethods, nearestRoute, shownPath } from '../../src/http/not-found.ts';
import { createSchemaWriter } from '../../src/http/openapi-schema.ts';
import { negotiate } from '../../src/http/pages.ts';
import { readPrefer } from '../../src/http/prefer.ts';
import { toIso } from '../../src/http/query.ts';
import type { RouteRecord } from '../../src/http/routes.ts';
import { isMillraceError } from '../../src/model/errors.ts';

describe('an instant', () => {
  it('is written as the language does it, whatever was written before', () => {
    const near = fc.integer({ min: 1_732_550_399_000, max: 1_732_550_402_000 });
    const any = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, any), { minLength: 1 }), (instants) => {
        expect(instants.map(toIso)).toEqual(instants.map((ms) => new Date(ms).toISOString()));
      }),
    );
  });
});

describe('Prefer', () => {
  it.each([
    [undefined, { waitMs: 5 }],
    ['wait=10', { waitMs: 10_000, applied: 'wait=10' }],
    ['wait="3"', { waitMs: 3_000, applied: 'wait=3' }],
    ['respond-async', { waitMs: 0, applied: 'respond-async' }],
    ['respond-async, wait=2', { waitMs: 2_000, applied: 'respond-async, wait=2' }],
    ['wait=99999', { waitMs: 25_000, applied: 'wait=25' }],
    ['return=minimal', { waitMs: 5 }],
    ['Wait = 4; x=y', { waitMs: 4_000, applied: 'wait=4' }],
  ])('%s', (header, preference) => {
    expect(readPrefer(header, 5, 25_000)).toEqual(preference);
  });
  it.each(['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=abc', 'wait=99999999999'])('%s is refused', (header) => {
    expect(() => readPrefer(header, 0, 25_000)).toThrow('is not a wait');
  });
});

describe('Range', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=2-99', { start: 2, end: 9 }],
    ['bytes=4-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['items=0-1', undefined],
    ['bytes=-', undefined],
    ['bytes=1.5-2', undefined],
  ])('%s of ten bytes', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });
  it.each(['bytes=10-', 'bytes=10-11', 'bytes=-0'])('%s of ten bytes cannot be satisfied', (header) => {
    expect(() => parseRange(header, 10)).toThrow(expect.objectContaining({ status: 416 }));
  });
  it('never leaves the file', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.option(fc.nat(2000)), fc.option(fc.nat(2000)), (bytes, from, to) => {
        try {
          const range = parseRange(`bytes=${from ?? ''}-${to ?? ''}`, bytes);
          if (range) expect(range.start >= 0 && range.start <= range.end && range.end < bytes).toBe(true);
        } catch (error) {
          expect(isMillraceError(error) && error.status).toBe(416);
        }
      }),
    );
  });
});

describe('Content-Disposition', () => {
  it('keeps any name inside its quotes and out of the next header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const header = contentDisposition(name);
        expect(header).toMatch(
          /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]*"(; filename\*=UTF-8''[A-Za-z0-9._~!%-]*)?$/,
        );
      }),
    );
  });
  it('says names beyond ASCII in UTF-8', () => {
    expect(contentDisposition('a/b/Straße €.csv')).toBe(
      `attachment; filename="Stra_e _.csv"; filename*=UTF-8''Stra%C3%9Fe%20%E2%82%AC.csv`,
    );
  });
});

describe('an entity tag', () => {
  it.each([
    [undefined, false],
    ['*', true],
    ['"a"', true],
    ['"b", W/"a"', true],
    ['"b"', false],
    ['a', false],
  ])('%s names "a": %s', (header, expected) => {
    expect(matchesTag(header, '"a"')).toBe(expected);
  });
});

describe('Accept', () => {
  const types = ['application/json', 'text/html'];
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
    ['text/*', 'text/html'],
    ['application/json;q=0.5, text/html;q=0.4', 'application/json'],
    ['text/html;q=0, */*', 'application/json'],
    ['image/png', undefined],
  ])('%s', (header, type) => {
    expect(negotiate(header, types)).toBe(type);
  });
});

describe('an address in the log', () => {
  it('shows no value of a name that could be a secret', () => {
    expect(loggedUrl('/jobs?state=failed&token=abc&fmetoken=x&limit=3&%74oken=z&bare&limit')).toBe(
      '/jobs?state=failed&token=***&fmetoken=***&limit=3&%74oken=***&***&limit',
    );
  });
});

const route = (method: string, url: string, verb?: string): RouteRecord => ({
  method,
  url,
  ...(verb === undefined ? {} : { verb }),
  access: 'public',
  dialect: 'native',
  doc: {
    id: `${method}${url}`,
    tag: 'x',
    summary: 'x',
    responses: {},
    ...(verb === undefined ? {} : { path: `/workflows/{path}:${verb}` }),
  },
});
const routes = [
  route('GET', '/jobs'),
  route('POST', '/jobs'),
  route('GET', '/jobs/:id'),
  route('DELETE', '/jobs/:id'),
  route('GET', '/jobs/:id/result'),
  route('GET', '/workflows/*'),
  route('POST', '/workflows/*', 'jobs'),
  route('GET', '/workflows::tree', 'tree'),
];

describe('an address that leads nowhere', () => {
  it.each([
    ['/job', '/jobs'],
    ['/Jobs/7', '/jobs/{id}'],
    ['/jobs/7/resutl', '/jobs/{id}/result'],
    ['/rest/v4/jobs', '/jobs'],
    ['/api/jobs/7/result', '/jobs/{id}/result'],
    ['/utterly/different/thing/altogether', undefined],
    [`/${'x/'.repeat(400)}`, undefined],
  ])('%s is near %s', (path, near) => {
    expect(nearestRoute(path, routes)).toBe(near);
  });
  it.each([
    ['/jobs', ['GET', 'POST']],
    ['/jobs/7', ['GET', 'DELETE']],
    ['/workflows/a/b', ['GET']],
    ['/workflows/a/b:jobs', ['POST']],
    ['/workflows:tree', ['GET']],
    ['/jobs/7/8', []],
  ])('%s has the methods %j', (path, methods) => {
    expect(allowedMethods(routes, path)).toEqual(methods);
  });
  it('shows a route as its document does', () => {
    expect(shownPath({ ...route('GET', '/jobs/:id/files/*'), doc: undefined! } as RouteRecord)).toBe(
      '/jobs/{id}/files/{path}',
    );
  });
});

describe('a schema in a document', () => {
  const Named = z
    .object({ id: z.uuid(), n: z.int(), at: z.iso.datetime().optional() })
    .meta({ id: 'Named', example: { n: 1 } });
  it('is a component where it has a name, without the patterns and bounds that generators stumble over', () => {
    const writer = createSchemaWriter('3.0.3');
    expect(writer.write(z.array(Named), 'output')).toEqual({
      type: 'array',
      items: { $ref: '#/components/schemas/Named' },
    });
    expect(writer.components()).toEqual({
      Named: {
        type: 'object',
        properties: {
          id: { type: 'string', format: 'uuid' },
          n: { type: 'integer' },
          at: { type: 'string', format: 'date-time' },
        },
        required: ['id', 'n'],
        additionalProperties: false,
        example: { n: 1 },
      },
    });
  });
  it('has `examples` in 3.1', () => {
    const writer = createSchemaWriter('3.1.0');
    writer.write(Named, 'output');
    expect(writer.components()['Named']).toMatchObject({ examples: [{ n: 1 }] });
  });
  it('is refused when one name stands for two shapes', () => {
    const writer = createSchemaWriter('3.0.3');
    writer.write(Named, 'output');
    expect(() => writer.write(z.object({ a: z.string() }).meta({ id: 'Named' }), 'output')).toThrow(
      'Two different schemas',
    );
  });
});
