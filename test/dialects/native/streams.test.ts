import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Event, readEvents, type Server, startServer } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const events = (path: string, headers?: Record<string, string>, until?: (event: Event) => boolean) =>
  readEvents(server, path, headers, until);

const submit = async (workflow: string) =>
  (await server.ask('POST', '/jobs', { body: { workflow } })).json.id as number;

describe('GET /jobs/{id}/events', () => {
  it('tells the job at once and at each change, its steps, and ends with it', async () => {
    const id = await submit('Naps');
    const got = await events(`/jobs/${id}/events`);
    expect(got[0]?.event === 'job' || got[0]?.event === 'step').toBe(true);
    const states = got.filter((event) => event.event === 'job').map((event) => JSON.parse(event.data).state);
    expect(states.at(-1)).toBe('completed');
    expect(states.length).toBeGreaterThan(1);
    const steps = got.filter((event) => event.event === 'step').map((event) => JSON.parse(event.data));
    expect(steps.at(-1)).toMatchObject({ name: 'nap', state: 'completed' });
    expect(got.at(-1)).toEqual({ event: 'end', data: '{"state":"completed"}' });
  });

  it('of a job nobody may see is refused before the stream begins', async () => {
    expect((await server.ask('GET', '/jobs/999999/events')).status).toBe(404);
    expect((await server.ask('GET', '/jobs/999999/log?follow=true')).status).toBe(404);
  });

  it('ends when the token it came with is taken back', async () => {
    const { json } = await server.ask('POST', '/tokens', { body: { name: 'x' } });
    const id = await submit('Sleeps');
    const started = performance.now();
    const open = events(`/jobs/${id}/events`, { authorization: `Bearer ${json.token}` });
    await server.ask('DELETE', `/tokens/${json.id}`);
    const got = await open;
    expect(performance.now() - started).toBeLessThan(8_000);
    expect(got.some((event) => event.event === 'end')).toBe(false);
    await server.ask('POST', `/jobs/${id}/cancel`);
  });
});

describe('GET /jobs/{id}/log', () => {
  it('comes as text, as NDJSON, or not at all', async () => {
    const { json } = await server.ask('POST', '/jobs', { body: { workflow: '/Logs' }, headers: { prefer: 'wait=15' } });
    expect(json.state).toBe('completed');
    const text = await server.ask('GET', `/jobs/${json.id}/log`, { headers: { accept: '*/*' } });
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.text.match(/line \d/g)).toEqual([1, 2, 3, 4, 5, 6].map((i) => `line ${i}`));
    const tail = await server.ask('GET', `/jobs/${json.id}/log?tail=2`, {
      headers: { accept: 'application/x-ndjson' },
    });
    expect(tail.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = tail.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ text: 'line 5' }, { text: 'line 6' }]);
    const after = await server.ask(
      'GET',
      `/jobs/${json.id}/log?after=${lines[0].seq}&step=${encodeURIComponent(lines[0].step)}`,
    );
    expect(after.text).toContain('line 6');
    expect(after.text).not.toContain('line 5');
    expect((await server.ask('GET', `/jobs/${json.id}/log?step=/do/9`)).text).toBe('');
    expect((await server.ask('GET', `/jobs/${json.id}/log`, { headers: { accept: 'image/png' } })).status).toBe(406);
  });

  it('followed, lost and followed again tells every line exactly once', async () => {
    const id = await submit('Logs');
    const isLine = (event: Event) => event.event === 'line';
    let seen = 0;
    const first = await events(`/jobs/${id}/log?follow=true`, {}, (event) => isLine(event) && ++seen === 2);
    const last = first.findLast(isLine)!.id!;
    const second = await events(`/jobs/${id}/log`, { accept: 'text/event-stream', 'last-event-id': last });
    const texts = [...first, ...second].filter(isLine).map((event) => JSON.parse(event.data).text);
    expect(texts).toEqual([1, 2, 3, 4, 5, 6].map((i) => `line ${i}`));
    expect(second.at(-1)).toEqual({ event: 'end', data: '{"state":"completed"}' });
  });
});
