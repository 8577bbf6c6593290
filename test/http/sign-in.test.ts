import { Agent, get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/dialect.ts';
import { caller } from '../../src/http/access.ts';
import { readForms } from '../../src/http/forms.ts';
import { route } from '../../src/http/routes.ts';
import { ada, startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

const doc = { id: 'op', tag: 'Test', summary: 'Operation', responses: { 200: { description: 'ok' } } };
const register: Dialect['register'] = async (scope) => {
  readForms(scope);
  for (const method of ['GET', 'POST'] as const) {
    route(scope, {
      method,
      url: '/op',
      access: { scope: 'jobs:read' },
      doc: { ...doc, id: method },
      handler: (request, reply) => reply.send({ name: caller(request).name }),
    });
  }
};
const signIn = {
  scheme: 'fmetoken',
  query: ['token', 'fmetoken'],
  form: ['token'],
  challenge: 'Basic realm="Elsewhere"',
  schemes: {},
};
const start = () => startHttp(register, {}, { name: 'foreign', prefix: '/foreign', signIn });
const form = 'application/x-www-form-urlencoded';

describe('a dialect with ways of its own to sign in', () => {
  it.each([
    ['a header of its scheme', '/op', { authorization: 'fmetoken token=mlr_all' }],
    ['the scheme in capitals, the value quoted', '/op', { authorization: 'FMEToken  token = "mlr_all" ' }],
    ['Basic', '/op', { authorization: ada }],
    ['Bearer', '/op', { authorization: 'Bearer mlr_all' }],
    ['a name in the query', '/op?token=mlr_all', {}],
    ['another name in the query', '/op?a=b&&fmetoken=mlr_all', {}],
    ['a name given twice', '/op?token=mlr_all&token=x', {}],
    ['the query beside a header nobody knows', '/op?token=mlr_all', { authorization: 'Negotiate x' }],
  ])('takes %s', async (_name, path, headers) => {
    const { url } = await start();
    expect((await fetch(`${url}/foreign${path}`, { headers: headers as Record<string, string> })).status).toBe(200);
  });

  it.each([
    ['nothing', '/op', {}],
    ['a wrong token', '/op', { authorization: 'fmetoken token=mlr_none' }],
    ['a scheme without a token', '/op', { authorization: 'fmetoken mlr_all' }],
    ['an empty name in the query', '/op?token=', {}],
    ['a name nobody knows', '/op?access_token=mlr_all', {}],
    ['a wrong header beside a good query', '/op?token=mlr_all', { authorization: 'fmetoken token=mlr_none' }],
  ])('refuses %s with its own challenge', async (_name, path, headers) => {
    const { url } = await start();
    const response = await fetch(`${url}/foreign${path}`, { headers: headers as Record<string, string> });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Elsewhere"']);
  });

  it('takes a token out of a form, and asks for one that has none', async () => {
    const { url } = await start();
    const post = (body: string, type = form) =>
      fetch(`${url}/foreign/op`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('a=b&token=mlr_all')).status).toBe(200);
    expect((await post('a=b')).status).toBe(401);
    expect((await post('token=mlr_none')).status).toBe(401);
    expect((await post('{"token":"mlr_all"}', 'application/json')).status).toBe(401);
  });

  it('holds them for its own routes alone, also on a connection that was just let in', async () => {
    const { url, http } = await startHttp(register);
    expect((await fetch(`${url}/op?token=mlr_all`)).status).toBe(401);
    expect((await fetch(`${url}/op`, { headers: { authorization: 'fmetoken token=mlr_all' } })).status).toBe(401);
    expect(http.routes().length).toBeGreaterThan(0);
  });

  it('remembers of a connection what came in its header alone', async () => {
    const { url } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const status = (path: string, authorization: string) =>
      new Promise<[number | undefined, boolean]>((resolve, reject) => {
        const sent = get(`${url}/foreign${path}`, { agent, headers: { authorization } }, (answer) => {
          answer.resume().once('end', () => resolve([answer.statusCode, sent.reusedSocket]));
        }).once('error', reject);
      });
    try {
      expect(await status('/op?token=mlr_all', 'Negotiate x')).toEqual([200, false]);
      // The next in line behind a proxy sends the same header, and no token.
      expect(await status('/op', 'Negotiate x')).toEqual([401, true]);
      expect(await status('/op', 'fmetoken token=mlr_all')).toEqual([200, true]);
      expect(await status('/op', 'fmetoken token=mlr_all')).toEqual([200, true]);
      expect(await status('/op', 'fmetoken token=mlr_none')).toEqual([401, true]);
    } finally {
      agent.destroy();
    }
  });

  it('never has a token in the log', async () => {
    const { url, log } = await start();
    const secret = 'canary-91ab';
    await fetch(`${url}/foreign/op?token=${secret}&fmetoken=${secret}&x=${secret}`);
    await fetch(`${url}/foreign/op`, { headers: { authorization: `fmetoken token=${secret}` } });
    await fetch(`${url}/foreign/nowhere?token=${secret}`);
    await fetch(`${url}/foreign/op`, { method: 'POST', body: `token=${secret}`, headers: { 'content-type': form } });
    expect(log()).toContain('"status":401');
    expect(log()).not.toContain(secret);
  });
});
