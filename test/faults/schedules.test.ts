import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/stores/sqlite/driver.ts';
import { call, freePort, startServer } from '../support/server.ts';

const workflows = fileURLToPath(new URL('./workflows', import.meta.url));
const KILLS = 4;

describe('kill -9 of a server with schedules', () => {
  let folder: string;
  let port: number;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-schedules-'));
    port = await freePort();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(`loses no schedule and starts one job for one time in ${KILLS} kills`, { timeout: 60_000 }, async () => {
    const data = join(folder, 'data');
    const start = () => startServer({ data, workflows, port });
    const create = (url: string, body: object) => call(url, '/schedules', { body: { workflow: '/noop', ...body } });
    const acknowledged: string[] = [];
    const keep = (answer: Awaited<ReturnType<typeof create>>): string | undefined => {
      if (answer?.status !== 201) return undefined;
      acknowledged.push(answer.body.id);
      return answer.body.id;
    };
    /** One that is due each second, and one whose only time comes while no server runs. */
    let ticking: string | undefined;
    let missed: string | undefined;

    for (let kill = 0; kill < KILLS; kill++) {
      const server = await start();
      ticking ??= keep(await create(server.url, { cron: '* * * * * ?' }));
      if (kill === KILLS - 1) {
        // Its time is long enough after its making that the server is killed first.
        missed = keep(await create(server.url, { startAt: new Date(Date.now() + 1_500).toISOString() }));
      }
      // Made until the kill: each of which the client has heard is on disk.
      let alive = true;
      const far = new Date(Date.now() + 86_400_000).toISOString();
      const client = (async () => {
        for (let made = 0; alive && made < 100; made++) keep(await create(server.url, { startAt: far }));
      })();
      await sleep(kill === KILLS - 1 ? 300 : 600 + Math.random() * 700);
      await server.kill('SIGKILL');
      alive = false;
      await client;
    }
    expect([ticking, missed]).not.toContain(undefined);
    // Times of both pass.
    await sleep(2_000);

    const restarted = Date.now();
    const server = await start();
    const lastRun = async (id: string) => (await call(server.url, `/schedules/${id}`))?.body.lastRunAt;
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(50)) {
      const runs = [await lastRun(ticking!), await lastRun(missed!)];
      if (runs.every((at) => Date.parse(at) >= restarted)) break;
    }
    const list = await call(server.url, '/schedules');
    const known = new Set(list!.body.map(({ id }: { id: string }) => id));
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    await sleep(1_200);
    await server.kill('SIGTERM');

    const database = openDatabase(join(data, 'millrace.db'), { readonly: true });
    try {
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(database.pragma('foreign_key_check')).toEqual([]);
      const jobsOf = (id: string) =>
        database
          .prepare(`SELECT created_at AS at FROM jobs WHERE json_extract(labels, '$.schedule') = ? ORDER BY id`)
          .all(id) as { at: number }[];
      // What was missed is made up for once.
      const late = jobsOf(missed!);
      expect(late).toHaveLength(1);
      expect(late[0]!.at).toBeGreaterThanOrEqual(restarted);
      const ticks = jobsOf(ticking!).map(({ at }) => at);
      expect(ticks.length).toBeGreaterThanOrEqual(KILLS);
      /**
       * A tick belongs to one second, or makes up for those before it. More ticks in a second than two (the one that was
       * missed and its own) would be one time twice.
       */
      const perSecond = new Map<number, number>();
      for (const at of ticks) perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
      expect([...perSecond.values()].filter((count) => count > 2)).toEqual([]);
      // In all there are no more jobs than seconds.
      expect(ticks.length).toBeLessThanOrEqual(Math.floor(ticks.at(-1)! / 1000) - Math.floor(ticks[0]! / 1000) + 1);
      const others = acknowledged.filter((id) => id !== ticking && id !== missed);
      expect(others.flatMap(jobsOf)).toEqual([]);
    } finally {
      database.close();
    }
  });
});
