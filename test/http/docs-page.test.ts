import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from '../dialects/native/support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const ask = (path: string, init?: RequestInit) => fetch(server.url + path, { redirect: 'manual', ...init });

describe('the API page', () => {
  it('comes with its scripts from this server alone', async () => {
    const page = await ask('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const sources = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      const address = new URL(source, `${server.url}/docs`);
      expect(address.origin).toBe(server.url);
      expect((await fetch(address)).status, source).toBe(200);
    }
  });

  it('tells with HEAD how large each part is', async () => {
    const part = '/docs/static/swagger-ui.css';
    const bytes = (await (await ask(part)).arrayBuffer()).byteLength;
    const head = await ask(part, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(bytes));
    expect(head.headers.get('content-type')).toContain('text/css');
  });

  it('is not sent again to who has it', async () => {
    const part = '/docs/static/swagger-ui.css';
    const etag = (await ask(part)).headers.get('etag')!;
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    expect((await ask(part, { headers })).status).toBe(304);
  });

  it('shows the document with the address it was asked under', async () => {
    const document = (await (await ask('/docs/json')).json()) as { servers: { url: string }[]; paths: object };
    expect(document.servers[0]!.url).toBe(server.url);
    expect(Object.keys(document.paths).length).toBeGreaterThan(30);
    expect(await (await ask('/docs/yaml')).text()).toMatch(/^openapi: 3/);
  });

  it('answers 404 in the shape of every error for a part it does not have', async () => {
    for (const path of ['/docs/static/nothing.js', '/docs/static/%2e%2e/index.js']) {
      const answer = await ask(path);
      expect(answer.status, path).toBe(404);
      expect(((await answer.json()) as { code: string }).code, path).toBe('not-found');
    }
  });
});
