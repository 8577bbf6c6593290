import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { call, freePort, startServer } from '../support/server.ts';

const workflows = fileURLToPath(new URL('./workflows', import.meta.url));

/** Mounts a small file system; undefined where that is not allowed. */
function mountSmall(folder: string): { grow(): void; unmount(): void } | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
    return {
      grow: () => void execFileSync('mount', ['-o', 'remount,size=64m', folder]),
      unmount: () => void execFileSync('umount', ['-l', folder]),
    };
  } catch {
    return undefined;
  }
}

describe('a full disk', () => {
  it('is told in clear words, crashes nothing, and intake opens again when space returns', {
    timeout: 90_000,
  }, async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-full-'));
    const data = join(folder, 'data');
    mkdirSync(data);
    const small = mountSmall(data);
    if (!small) return test.skip('mounting needs root; the store suite fills a limited database instead');
    const server = await startServer({ data, workflows, port: await freePort() });
    try {
      const filler = 'x'.repeat(4_000);
      const submit = () => call(server.url, '/jobs', { body: { workflow: '/noop', input: { n: 1, filler } } });
      const accepted: number[] = [];
      let refused: Awaited<ReturnType<typeof submit>>;
      for (let i = 0; i < 3_000 && !refused; i++) {
        const answer = await submit();
        expect(answer).toBeDefined();
        if (answer!.status === 202) accepted.push(answer!.body.id);
        else refused = answer;
      }
      expect([503, 507]).toContain(refused?.status);
      expect(refused!.body.detail).toMatch(/disk|space|room|full/i);
      expect(refused!.body.detail).not.toMatch(/SQLITE|SELECT|INSERT/);
      expect((await call(server.url, '/healthz'))?.status).toBe(200);
      const readable = await call(server.url, `/jobs/${accepted[0]}`);
      expect(readable?.status).toBe(200);

      small.grow();
      const until = Date.now() + 5_000;
      let again = await submit();
      while (again?.status !== 202 && Date.now() < until) {
        await sleep(200);
        again = await submit();
      }
      expect(again?.status).toBe(202);
      const done = await call(server.url, `/jobs/${again!.body.id}/result?longPoll=true`);
      expect(done?.body.state).toBe('completed');
      // What was running when the disk was full has ended too: nothing is left without an owner.
      for (const id of accepted.slice(-20)) {
        const result = await call(server.url, `/jobs/${id}/result?longPoll=true`);
        expect(result?.body.state).toBe('completed');
      }
      // What was refused left nothing behind.
      const kept = new Set<number>();
      for (let path: string | undefined = '/jobs?limit=500'; path; ) {
        const page: Awaited<ReturnType<typeof call>> = await call(server.url, path);
        for (const { id } of page!.body.items) kept.add(id);
        path = page!.body.next === undefined ? undefined : `/jobs?limit=500&cursor=${page!.body.next}`;
      }
      expect([...kept].toSorted((a, b) => a - b)).toEqual([...accepted, again!.body.id].toSorted((a, b) => a - b));
      expect(await server.kill('SIGTERM')).toBe(0);
    } finally {
      await server.kill('SIGKILL');
      small.unmount();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
