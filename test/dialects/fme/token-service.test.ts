import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  await server.ask('POST', '/users', { body: { name: 'mary', password: 'a long password', roles: ['user'] } });
});
afterAll(() => server.stop());

const user = { user: 'mary', password: 'a long password' };
const post = (path: string, fields: Record<string, string> = {}) =>
  fetch(`${server.url}/fmetoken${path}`, { method: 'POST', body: new URLSearchParams(fields) });
const owner = async (token: string) => {
  const { status, json } = await server.ask('GET', '/me', { auth: `Bearer ${token}` });
  return status === 200 ? json.name : status;
};

describe('the old token service', () => {
  it('answers the bare token to a form', async () => {
    const answer = await post('/generate', { ...user, expiration: '2', timeunit: 'day' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const token = await answer.text();
    expect(token).toMatch(/^[0-9a-f]{40}$/);
    expect(await owner(token)).toBe('mary');
    const { json } = await server.ask('GET', '/fmeapiv4/tokens', { auth: `Bearer ${token}` });
    expect(json.items[0]).toMatchObject({ owner: 'mary', secondsToExpiry: 172_800 });
  });

  it.each(['/generate.json', '/service/view.json'])('answers it wrapped at %s', async (path) => {
    const answer = await post(path, { ...user, expiration: '30', timeunit: 'Minutes' });
    const { serviceResponse } = (await answer.json()) as { serviceResponse: { token: string } };
    expect(await owner(serviceResponse.token)).toBe('mary');
  });

  it('takes the fields out of the address, and gives an hour where none is asked for', async () => {
    const token = await (
      await post(`/service/generate?user=mary&password=${encodeURIComponent(user.password)}`)
    ).text();
    const { json } = await server.ask('GET', '/fmeapiv4/tokens', { auth: `Bearer ${token}` });
    expect(json.items.map((one: { secondsToExpiry: number }) => one.secondsToExpiry)).toContain(3_600);
  });

  it('says what is missing or wrong, and gives nothing to a wrong password', async () => {
    const empty = await post('/generate');
    expect([empty.status, await empty.json()]).toEqual([
      400,
      expect.objectContaining({ details: { user: 'must not be blank', password: expect.any(String) } }),
    ]);
    const unit = await post('/generate', { ...user, expiration: '1', timeunit: 'fortnight' });
    expect(Object.keys(((await unit.json()) as { details: object }).details)).toEqual(['timeunit']);
    const wrong = await post('/generate', { user: 'mary', password: 'not hers' });
    expect([wrong.status, await wrong.json()]).toEqual([401, { message: expect.stringContaining('Unauthorized') }]);
  });
});
