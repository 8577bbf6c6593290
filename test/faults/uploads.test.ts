import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { authorization, freePort, startServer } from '../support/server.ts';

const workflows = fileURLToPath(new URL('./workflows', import.meta.url));
const MiB = 1024 * 1024;
const api = '/fmeapiv4/resources/connections/FME_SHAREDRESOURCE_TEMP';

const head = (length: number, path: string) =>
  `POST ${api}/upload?path=${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${authorization}\r\n` +
  `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n` +
  '--b\r\nContent-Disposition: form-data; name="files"; filename="half.bin"\r\n\r\n';

const send = (port: number, text: string): Socket => {
  const socket = connect(port, '127.0.0.1', () => socket.write(text));
  socket.on('error', () => {});
  return socket;
};

const upload = async (url: string, bytes: number) => {
  const form = new FormData();
  form.append('files', new Blob([new Uint8Array(bytes)]), 'file.bin');
  const answer = await fetch(`${url}${api}/upload?path=x&overwrite=true`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  });
  return { status: answer.status, json: (await answer.json()) as { message?: string } };
};

/** Of a folder for shared files: those that are uploaded, or lie aside. */
const filesIn = (shared: string): string[] =>
  readdirSync(shared, { recursive: true })
    .map(String)
    .filter((name) => /incoming.|file/.test(name));

describe('an upload under way', () => {
  it('when the server is killed leaves nothing for the next one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-upload-'));
    const data = join(folder, 'data');
    const port = await freePort();
    let server = await startServer({ data, workflows, port });
    try {
      const aside = () => readdirSync(join(data, 'shared/.incoming'));
      const form = new FormData();
      form.append('files', new Blob(['kept']), 'whole.txt');
      const stored = await fetch(`${server.url}${api}/upload?path=whole`, {
        method: 'POST',
        headers: { authorization },
        body: form,
      });
      expect(stored.status).toBe(201);
      send(port, head(10_000_000, 'half') + 'x'.repeat(1_000_000));
      await expect.poll(() => aside().length, { timeout: 10_000 }).toBe(1);
      await server.kill('SIGKILL');
      expect(aside().length).toBe(1);
      server = await startServer({ data, workflows, port });
      expect(aside()).toEqual([]);
      expect(readdirSync(join(data, 'shared/temp'), { recursive: true }).sort()).toEqual(['whole', 'whole/whole.txt']);
    } finally {
      await server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('when the disk is full is answered 507, and what came is removed', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-full-'));
    const data = join(folder, 'data');
    const shared = join(data, 'shared');
    const port = await freePort();
    // The first start makes the folders; only the shared files are on the small disk.
    await (await startServer({ data, workflows, port })).kill('SIGTERM');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', shared], { stdio: 'ignore' });
    } catch {
      rmSync(folder, { recursive: true, force: true });
      return test.skip('mounting needs root; below a limit of the system refuses the bytes instead');
    }
    const server = await startServer({ data, workflows, port });
    try {
      const refused = await upload(server.url, 8_000_000);
      expect([refused.status, refused.json.message]).toEqual([507, expect.stringMatching(/^No space is left/)]);
      expect(filesIn(shared)).toEqual([]);
      expect((await upload(server.url, 1_000_000)).status).toBe(201);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    } finally {
      await server.kill('SIGKILL');
      execFileSync('umount', ['-l', shared]);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('when the disk takes no more of the file is answered 503, and what came is removed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-limit-'));
    const data = join(folder, 'data');
    const server = await startServer({ data, workflows, port: await freePort(), maxFileKiB: 16 * 1024 });
    try {
      const refused = await upload(server.url, 20 * MiB);
      expect([refused.status, refused.json.message]).toEqual([503, expect.stringMatching(/^The disk refused/)]);
      expect(filesIn(join(data, 'shared'))).toEqual([]);
      expect((await upload(server.url, 8 * MiB)).status).toBe(201);
      expect(filesIn(join(data, 'shared'))).toEqual(['temp/x/file.bin']);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    } finally {
      await server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
