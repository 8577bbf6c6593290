import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/stores/sqlite/driver.ts';
import { call, freePort, type ServerProcess, startServer } from '../support/server.ts';

const workflows = fileURLToPath(new URL('./workflows', import.meta.url));
const KILLS = 20;
const CLIENTS = 4;
const KEYLESS = 2;
const final = ['completed', 'failed', 'cancelled'];

describe('kill -9 under load', () => {
  let folder: string;
  let port: number;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
    port = await freePort();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(`loses no acknowledged job, ends none twice and leaves none running in ${KILLS} kills`, {
    timeout: 180_000,
  }, async () => {
    /** What each client was told: the id behind each of its idempotency keys. */
    const acknowledged = new Map<string, number>();
    const unsure: string[] = [];
    /** Of clients without keys: what the job behind each id was to do. Their jobs may begin before they are stored. */
    const keyless = new Map<number, number>();
    let count = 0;
    const start = () => startServer({ data: join(folder, 'data'), workflows, port });
    const jobOf = (n: number) => ({ workflow: n % 3 === 0 ? '/short-wait' : '/noop', input: { n } });
    const submit = (url: string, key: string) =>
      call(url, '/jobs', { body: jobOf(Number(key)), headers: { 'idempotency-key': key } });
    const submitKeyless = async (url: string) => {
      const n = ++count;
      const answer = await call(url, '/jobs', { body: jobOf(n) });
      if (answer?.status !== 202) return;
      expect(keyless.has(answer.body.id)).toBe(false);
      keyless.set(answer.body.id, n);
    };
    const note = (key: string, answer: Awaited<ReturnType<typeof submit>>): void => {
      if (answer?.status !== 202) return void unsure.push(key);
      const known = acknowledged.get(key);
      if (known !== undefined) expect(answer.body.id).toBe(known);
      acknowledged.set(key, answer.body.id);
    };

    for (let kill = 0; kill < KILLS; kill++) {
      const server = await start();
      let alive = true;
      const clients = Array.from({ length: CLIENTS + KEYLESS }, async (_, client) => {
        while (alive) {
          if (client >= CLIENTS) {
            await submitKeyless(server.url);
            continue;
          }
          const key = unsure.pop() ?? String(++count);
          note(key, await submit(server.url, key));
        }
      });
      // Signing in is slow on purpose; the load begins with the first answer.
      const before = acknowledged.size;
      for (const end = Date.now() + 10_000; acknowledged.size === before && Date.now() < end; ) await sleep(5);
      await sleep(150 + Math.random() * 700);
      await server.kill('SIGKILL');
      alive = false;
      await Promise.all(clients);
    }

    const server = await start();
    try {
      while (unsure.length > 0) {
        const key = unsure.pop()!;
        note(key, await submit(server.url, key));
      }
      expect(acknowledged.size).toBeGreaterThan(KILLS * CLIENTS);
      expect(keyless.size).toBeGreaterThan(KILLS * KEYLESS);
      const ids = new Set([...acknowledged.values(), ...keyless.keys()]);
      expect(ids.size).toBe(acknowledged.size + keyless.size);
      const deadline = Date.now() + 30_000;
      let open = Number.POSITIVE_INFINITY;
      while (open > 0 && Date.now() < deadline) {
        const queues = await call(server.url, '/queues');
        open = queues!.body.reduce(
          (sum: number, one: Record<string, number>) =>
            sum + one['ready']! + one['delayed']! + one['running']! + one['waiting']!,
          0,
        );
        await sleep(100);
      }
      expect(open).toBe(0);
      for (const id of [...acknowledged.values()].filter((_, index) => index % 50 === 0)) {
        const job = await call(server.url, `/jobs/${id}`);
        expect(job?.body.state).toBe('completed');
      }
    } finally {
      await server.kill('SIGTERM');
    }

    const database = openDatabase(join(folder, 'data', 'millrace.db'), { readonly: true });
    try {
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(database.pragma('foreign_key_check')).toEqual([]);
      const states = database.prepare('SELECT state, count(*) AS n FROM jobs GROUP BY state').all() as {
        state: string;
        n: number;
      }[];
      expect(states.filter(({ state }) => !final.includes(state))).toEqual([]);
      const known = database.prepare('SELECT count(*) FROM jobs WHERE id = ?').pluck();
      expect([...acknowledged.values()].filter((id) => known.get(id) !== 1)).toEqual([]);
      const input = database.prepare('SELECT input FROM jobs WHERE id = ?').pluck();
      expect([...keyless].filter(([id, n]) => input.get(id) !== JSON.stringify({ n }))).toEqual([]);
      // Each job has at most one run that ended it.
      const twice = database
        .prepare(
          `SELECT job FROM runs WHERE outcome IN ('completed', 'failed', 'cancelled') GROUP BY job HAVING count(*) > 1`,
        )
        .all();
      expect(twice).toEqual([]);
    } finally {
      database.close();
    }
  });

  it('resumes a job of ten steps and repeats at most the step that was under way', { timeout: 60_000 }, async () => {
    const data = join(folder, 'steps');
    const file = join(folder, 'written');
    const start = (): Promise<ServerProcess> => startServer({ data, workflows, port });
    let server = await start();
    const { body } = (await call(server.url, '/jobs', { body: { workflow: '/ten-steps', input: { file } } }))!;
    for (const pause of [1_000, 900]) {
      await sleep(pause);
      await server.kill('SIGKILL');
      server = await start();
    }
    try {
      const result = await call(server.url, `/jobs/${body.id}/result?longPoll=true&longPollInterval=20`);
      expect(result?.status).toBe(200);
      expect(result?.body.state).toBe('completed');
    } finally {
      await server.kill('SIGTERM');
    }
    const written = readFileSync(file, 'utf8').trim().split('\n').map(Number);
    const times = Array.from({ length: 10 }, (_, step) => written.filter((one) => one === step).length);
    expect(times.every((n) => n >= 1)).toBe(true);
    // Two kills: at most two steps were under way.
    expect(written.length).toBeLessThanOrEqual(12);
    expect(written).toEqual(written.toSorted((a, b) => a - b));
  });
});
