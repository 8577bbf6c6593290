import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/stores/sqlite/driver.ts';
import { DiskFile, readTrace, straceOptions } from './disk-trace.ts';

const writer = fileURLToPath(new URL('../stores/writer.ts', import.meta.url));
const hasStrace = spawnSync('strace', ['-V']).error === undefined;

describe('a power cut', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-power-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Opens what a disk was left with; answers what of `told` is not true there. */
  function untrue(images: ReadonlyMap<string, Buffer>, told: ReadonlySet<string>): string[] {
    const file = join(folder, 'left.db');
    rmSync(`${file}-shm`, { force: true });
    writeFileSync(file, images.get('millrace.db')!);
    writeFileSync(`${file}-wal`, images.get('millrace.db-wal')!);
    const db = openDatabase(file);
    try {
      const damage = [...(db.pragma('integrity_check') as unknown[]), ...(db.pragma('foreign_key_check') as unknown[])];
      if (damage.length !== 1) return [JSON.stringify(damage)];
      const states = new Map(db.prepare('SELECT id, state FROM jobs').raw().all() as [number, string][]);
      return [...told].filter((one) => {
        const [what, id] = one.split(' ');
        const state = states.get(Number(id));
        return what === 'completed' ? state !== 'completed' : state === undefined;
      });
    } finally {
      db.close();
    }
  }

  it.runIf(hasStrace)(
    'takes nothing that was acknowledged, whatever the disk kept of what was not synced',
    {
      timeout: 120_000,
    },
    () => {
      const trace = join(folder, 'trace');
      const program = [process.execPath, '--import', 'tsx', writer, join(folder, 'data'), 'tell', '48'];
      spawnSync('strace', [...straceOptions, '-o', trace, ...program], { timeout: 60_000 });
      const events = readTrace(readFileSync(trace, 'latin1'));
      const files = new Map([
        ['millrace.db', new DiskFile()],
        ['millrace.db-wal', new DiskFile()],
      ]);
      const told = new Set<string>();
      let cuts = 0;
      // A fixed row of numbers from 0 to 1: a failure comes again.
      let seed = 20261122;
      const random = () => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return seed / 2 ** 32;
      };
      const some = () => [0, 1, random()][Math.floor(random() * 3)]!;
      const cut = (what: string) => {
        for (const share of [() => 0, () => 1, some, some]) {
          const images = new Map([...files].map(([name, file]) => [name, file.image(share)]));
          expect([what, untrue(images, told)]).toEqual([what, []]);
          cuts++;
        }
      };
      for (const [index, event] of events.entries()) {
        // The hardest moments: all is written and nothing synced yet, and all of a commit's callers were just told.
        if (told.size > 0 && event.kind === 'sync') cut(`before event ${index}, the sync of ${event.file}`);
        if (event.kind === 'told') {
          told.add(event.text);
          if (events[index + 1]?.kind !== 'told') cut(`after event ${index}, ${event.text}`);
        } else files.get(event.file)?.take(event);
      }
      expect(told.size).toBe(2 * 3 * 48);
      expect(cuts).toBeGreaterThan(100);
      // The log was folded into the database between the rounds, and begun anew after it.
      const synced = events.filter((event) => event.kind === 'sync' && event.file === 'millrace.db').length;
      const restarts = events.filter((e) => e.kind === 'write' && e.file === 'millrace.db-wal' && e.at === 0).length;
      expect(synced).toBeGreaterThan(2);
      expect(restarts).toBeGreaterThan(1);
    },
  );
});
