import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findClient, getClient, readEvents } from '../../src/cli/client.ts';
import { portOwner } from '../../src/cli/port-owner.ts';
import { findServer, removeServerFiles, writeServerFiles } from '../../src/cli/server-file.ts';
import { loadConfig } from '../../src/config.ts';

let data: string;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => handle(request, response));
let url: string;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const name of ['MILLRACE_URL', 'MILLRACE_USER', 'MILLRACE_PASSWORD', 'MILLRACE_TOKEN']) delete process.env[name];
  rmSync(data, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const config = (env: Record<string, string> = {}) => loadConfig({ flags: { data }, env, cwd: data }).config;
const running = (pid: number, token?: string) =>
  writeServerFiles(data, { url, pid, version: '1', startedAt: '2026-01-01T00:00:00Z' }, token);

const authorizationSent = async (options: { url?: string; user?: string }, env: Record<string, string> = {}) => {
  let seen: string | undefined;
  handle = (request, response) => {
    seen = request.headers.authorization;
    response.end('{}');
  };
  await findClient(config(env), options)!.send('GET', '/me');
  return seen;
};

describe('the files a server leaves', () => {
  it('can be read by nobody else and go with it', () => {
    running(process.pid, 'token');
    for (const name of ['server.json', 'control.token']) expect(statSync(join(data, name)).mode & 0o777).toBe(0o600);
    expect(findServer(data)).toMatchObject({ url, controlToken: 'token' });
    removeServerFiles(data);
    expect(findServer(data)).toBeUndefined();
  });

  it('are not believed when the server is gone or the file is broken', () => {
    running(2 ** 22 + 1);
    expect(findServer(data)).toBeUndefined();
    writeFileSync(join(data, 'server.json'), '{');
    expect(findServer(data)).toBeUndefined();
  });
});

describe('signing in', () => {
  it('uses the control token of the server on this machine', async () => {
    running(process.pid, 'control');
    expect(await authorizationSent({})).toBe('Bearer control');
  });

  it('never shows the control token to another server', async () => {
    running(process.pid, 'control');
    expect(await authorizationSent({ url })).toBeUndefined();
  });

  it('prefers MILLRACE_TOKEN, then the user named, and forgets the secrets it read', async () => {
    running(process.pid, 'control');
    process.env['MILLRACE_TOKEN'] = 'mine';
    expect(await authorizationSent({})).toBe('Bearer mine');
    expect(process.env['MILLRACE_TOKEN']).toBeUndefined();
    process.env['MILLRACE_PASSWORD'] = 'pw';
    expect(await authorizationSent({ user: 'ada' })).toBe(`Basic ${btoa('ada:pw')}`);
    expect(await authorizationSent({ user: 'admin' }, { MILLRACE_ADMIN_PASSWORD: 'root' })).toBe(
      `Basic ${btoa('admin:root')}`,
    );
    expect(() => findClient(config(), { user: 'ada' })).toThrow(/Set MILLRACE_PASSWORD to the password of ada/);
  });
});

describe('requests', () => {
  const refusing = (status: number, body: string) => {
    handle = (_request, response) => {
      response.statusCode = status;
      response.end(body);
    };
    return getClient(config(), { url }).send('GET', '/x');
  };

  it("pass on the server's own words", async () => {
    const problem = { code: 'not-found', detail: 'There is no job 7.', status: 404 };
    await expect(refusing(404, JSON.stringify(problem))).rejects.toMatchObject({
      code: 'not-found',
      message: problem.detail,
    });
  });

  it('tell the answer of something that is not Millrace', async () => {
    await expect(refusing(502, '<h1>Bad gateway</h1>')).rejects.toThrow(/answered 502: <h1>Bad gateway/);
    await expect(refusing(400, '{"code":"no-such-code","detail":"x"}')).rejects.toThrow(/answered 400/);
  });

  it('say how to start a server where none runs, and that one does not answer', async () => {
    expect(() => getClient(config(), {})).toThrow(/Start one with `millrace serve`/);
    expect(() => getClient(config(), { url: 'localhost:1' })).toThrow(/must begin with http/);
    await expect(getClient(config(), { url: 'http://127.0.0.1:1025' }).send('GET', '/')).rejects.toThrow(
      /does not answer \(ECONNREFUSED\)/,
    );
  });
});

describe('server-sent events', () => {
  it('are read whatever the chunks and line ends', async () => {
    const text = 'retry: 1\r\n\r\nid: 1\ndata: a\ndata: b\n\n: ping\n\nevent: end\rdata:x\r\rdata: ü\n\ndata: cut off';
    const bytes = new TextEncoder().encode(text);
    for (const length of [1, 3, 1_000]) {
      const chunks = (async function* () {
        for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
      })();
      const seen = [];
      for await (const event of readEvents(chunks)) seen.push(event);
      expect(seen).toEqual([{ id: '1', data: 'a\nb' }, { event: 'end', data: 'x' }, { data: 'ü' }]);
    }
  });
});

describe.runIf(process.platform === 'linux')('who has a port', () => {
  it('is found with name and pid', () => {
    expect(portOwner(Number(new URL(url).port))).toMatchObject({ pid: process.pid });
    expect(portOwner(9)).toBeUndefined();
  });
});
