import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { route } from '../../src/http/routes.ts';
import { fail } from '../../src/model/errors.ts';
import { ada, basic, startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

const doc = { id: 'op', tag: 'Test', summary: 'Operation', responses: { 200: { description: 'ok' } } };

/** A dialect that answers its errors as XML, as foreign ones do. */
const foreign = {
  name: 'foreign',
  prefix: '/foreign/rest',
  errorWire: (problem: { status: number; code: string }) => ({
    status: problem.status,
    contentType: 'application/xml',
    body: `<error code="${problem.code}"/>`,
  }),
};
const register: Parameters<typeof startHttp>[0] = (scope) => {
  route(scope, {
    method: 'POST',
    url: '/op',
    access: { scope: 'jobs:run' },
    body: z.strictObject({ a: z.string() }),
    doc,
    handler: (_request, reply) => reply.send({}),
  });
  route(scope, {
    method: 'GET',
    url: '/fails',
    access: 'public',
    doc: { ...doc, id: 'fails' },
    handler: () => {
      throw new TypeError('secret detail at /srv/file.ts');
    },
  });
  route(scope, {
    method: 'GET',
    url: '/busy',
    access: 'public',
    doc: { ...doc, id: 'busy' },
    handler: () => {
      throw fail('overloaded', 'Too much.');
    },
  });
};

describe('a dialect', () => {
  it.each([
    ['POST', '/foreign/rest/op', { body: '{}', auth: ada }, 400, 'invalid-input'],
    ['POST', '/foreign/rest/op', { body: '{', auth: ada }, 400, 'invalid-json'],
    ['POST', '/foreign/rest/op', { body: '{}' }, 401, 'unauthenticated'],
    ['POST', '/foreign/rest/op', { body: '{}', auth: 'Bearer mlr_read' }, 403, 'forbidden'],
    ['POST', '/foreign/rest/op', { body: 'x', auth: ada, type: 'text/plain' }, 415, 'unsupported-media-type'],
    ['GET', '/foreign/rest/none', {}, 404, 'not-found'],
    ['GET', '/foreign/rest/op', {}, 405, 'method-not-allowed'],
    ['GET', '/foreign/rest/fails', {}, 500, 'internal'],
    ['GET', '/foreign/rest/busy', {}, 503, 'overloaded'],
  ] as [
    string,
    string,
    { body?: string; auth?: string; type?: string },
    number,
    string,
  ][])('answers %s %s with %j in its own shape', async (method, path, {
    body,
    auth,
    type = 'application/json',
  }, status, code) => {
    const { url } = await startHttp(register, {}, foreign);
    const headers = {
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(auth === undefined ? {} : { authorization: auth }),
    };
    const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/xml/);
    expect(await response.text()).toBe(`<error code="${code}"/>`);
    if (status === 503) expect(response.headers.get('retry-after')).toBe('2');
    if (status === 401) expect(response.headers.get('www-authenticate')).toContain('Basic');
  });

  it('leaves the shape of what lies outside of it alone', async () => {
    const { url } = await startHttp(register, {}, foreign);
    expect((await fetch(`${url}/nowhere`)).headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('with a route that does not say who may call it stops the start-up', async () => {
    const open = startHttp((scope) => {
      scope.get('/open', (_request, reply) => reply.send({}));
    });
    await expect(open).rejects.toThrow('GET /open does not declare who may call it');
  });
});

describe('an unexpected failure', () => {
  it('tells the client an id and nothing else, and the log the rest under that id', async () => {
    const { url, log } = await startHttp(register);
    const response = await fetch(`${url}/fails`);
    const text = await response.text();
    expect(text).not.toContain('secret detail');
    const { requestId } = JSON.parse(text);
    expect(response.headers.get('x-request-id')).toBe(requestId);
    const line = log()
      .split('\n')
      .find((one) => one.includes(requestId) && one.includes('secret detail'));
    expect(line).toBeDefined();
  });

  it('keeps a request id the client gave, if it is one', async () => {
    const { url } = await startHttp(register);
    const ask = async (id: string) =>
      (await fetch(`${url}/busy`, { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await ask('trace-1.a')).toBe('trace-1.a');
    expect(await ask('a b"c')).not.toBe('a b"c');
    expect(await ask('x'.repeat(65))).not.toBe('x'.repeat(65));
  });
});

describe('the log', () => {
  it('never has a credential in it, wherever that was sent', async () => {
    const { url, log } = await startHttp(register);
    const secret = 'canary-7f3a';
    const headers = {
      authorization: basic('ada', secret),
      cookie: `session=${secret}`,
      'x-api-key': secret,
      'content-type': 'application/json',
    };
    await fetch(`${url}/op?token=${secret}&${secret}`, { method: 'POST', headers, body: `{"password":"${secret}"` });
    await fetch(`${url}/op?state=${encodeURIComponent('a')}&fmetoken=${secret}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    await fetch(`${url}/op`, { method: 'POST', headers: { ...headers, authorization: ada }, body: `{"${secret}":1}` });
    expect(log()).toContain('"status":401');
    expect(log()).not.toContain(secret);
    expect(log()).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12));
    expect(log()).not.toContain(headers.authorization);
  });
});
