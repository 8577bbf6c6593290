import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { route } from '../../src/http/routes.ts';
import { ada, startHttp, stopHttp } from './support.ts';

afterEach(stopHttp);

const doc = { id: 'op', tag: 'Test', summary: 'Op', responses: { 200: { description: 'ok' } } };

describe('a server', () => {
  it('answers a route and gives every answer a request id', async () => {
    const { url } = await startHttp((scope) => {
      route(scope, {
        method: 'POST',
        url: '/op',
        access: { scope: 'jobs:run' },
        body: z.strictObject({ a: z.string() }),
        doc,
        handler: (request, reply) => reply.send(request.body),
      });
    });
    const response = await fetch(`${url}/op`, {
      method: 'POST',
      headers: { authorization: ada, 'content-type': 'application/json' },
      body: '{"a":"x"}',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toMatch(/^[\w.-]+$/);
    expect(await response.json()).toEqual({ a: 'x' });
  });
});
