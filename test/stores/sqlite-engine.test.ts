import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allowedMoves, jobStates } from '../../src/model/job.ts';
import type { Payload } from '../../src/model/payload.ts';
import type { Store } from '../../src/store.ts';
import { openStore } from '../../src/stores/index.ts';
import { createBase } from '../../src/stores/sqlite/base.ts';
import { openWriter } from '../../src/stores/sqlite/connection.ts';
import { openDatabase } from '../../src/stores/sqlite/driver.ts';
import { asMillraceError, isBeyondTrust } from '../../src/stores/sqlite/failures.ts';
import { createIdCell, createIds, sharedIds } from '../../src/stores/sqlite/ids.ts';
import { migrate, readMigrations } from '../../src/stores/sqlite/migrate.ts';
import { checkInvariants, everyJob, recordHistory } from './invariants.ts';
import { completed, me, newJob, T0 } from './samples.ts';

const here = { threads: false };
const end = { outcome: completed(), at: T0 + 1, maxInterruptions: 3 };
const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));

let folder: string;
let file: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-sqlite-'));
  file = join(folder, 'millrace.db');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const look = <T>(sql: string): T => {
  const db = openDatabase(file, { readonly: true });
  try {
    return db.prepare<[], T>(sql).pluck().get() as T;
  } finally {
    db.close();
  }
};

/** A job that is stored with its end. */
async function insertedWithEnd(store: Store, input?: Payload): Promise<{ id: number; uuid: string }> {
  const id = await store.newJobId();
  const run = { id, owner: me.owner, startedAt: T0, endedAt: T0 + 1, outcome: completed() };
  await store.insertEnded(newJob(input === undefined ? {} : { input }), run);
  return { id, uuid: store.jobUuid(id) };
}

describe('threads', () => {
  it('serve many callers at once and keep everything in order', async () => {
    const { store } = await openStore(folder);
    const history = recordHistory(store);
    const answered = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        if (index % 5 === 0) return insertedWithEnd(store);
        const { job, claim } = await store.insertJob(newJob({ priority: index % 3 }), index % 2 ? { claim: me } : {});
        expect((await store.findJob(job.uuid))?.id).toBe(job.id);
        if (claim) expect(await store.finishRun(claim.fence, end)).toBe('completed');
        return job;
      }),
    );
    await checkInvariants(store, { answered, changes: history.changes });
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(look('PRAGMA integrity_check')).toBe('ok');
    expect(look('SELECT count(*) FROM pragma_foreign_key_check')).toBe(0);
  });

  it('fold the write-ahead log in while nobody waits, long before a commit would have to', async () => {
    const { store } = await openStore(folder);
    const input = { json: JSON.stringify('x'.repeat(60_000)) };
    for (let at = 0; at < 200; at++) await insertedWithEnd(store, input);
    // 12 MB were written; a commit does it at 16 MiB.
    expect(statSync(`${file}-wal`).size).toBeLessThan(6 * 2 ** 20);
    expect(statSync(file).size).toBeGreaterThan(6 * 2 ** 20);
    await store.close();
    expect(look('SELECT count(*) FROM jobs')).toBe(200);
    expect(look('PRAGMA integrity_check')).toBe('ok');
  });

  it('that take over from a lost one give out no id of the last one again', async () => {
    const { store } = await openStore(folder, here);
    const { id } = (await store.insertJob(newJob())).job;
    await store.close();
    const db = openWriter(file);
    const cell = createIdCell();
    expect(createIds(createBase(db), cell).next()).toBe(id + 1);
    // Given out, and not stored when the thread was lost.
    expect(sharedIds(cell).next()).toBe(id + 2);
    expect(createIds(createBase(db), cell).next()).toBe(id + 3);
    db.close();
  });

  it('finish what is under way before they close', async () => {
    const { store } = await openStore(folder);
    const inserted = Array.from({ length: 50 }, () => store.insertJob(newJob()));
    await store.close();
    expect((await Promise.all(inserted)).length).toBe(50);
    expect(look('SELECT count(*) FROM jobs')).toBe(50);
  });
});

describe('the connection', () => {
  it('is durable at commit and guards its rows', () => {
    const db = openWriter(file);
    const pragma = (name: string) => db.pragma(name, { simple: true });
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('auto_vacuum')).toBe(2);
    expect(pragma('temp_store')).toBe(2);
    db.close();
  });

  const traced = (what: string, count: number): number => {
    const log = join(folder, 'trace');
    const data = join(folder, `data-${what}-${count}`);
    const run = spawnSync(
      'strace',
      [
        '-f',
        '-qq',
        '-y',
        '-e',
        'trace=fsync,fdatasync',
        '-o',
        log,
        process.execPath,
        '--import',
        'tsx',
        writer,
        data,
        what,
        `${count}`,
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect(run.stdout).toContain('done');
    return readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('millrace.db-wal')).length;
  };
  it.skipIf(spawnSync('strace', ['-V']).error)(
    'syncs once for each answer given to a single caller',
    { timeout: 120_000 },
    () => {
      expect(traced('insert', 60) - traced('insert', 20)).toBe(40);
      expect(traced('execute', 60) - traced('execute', 20)).toBe(40);
    },
  );
});

describe('the data folder', () => {
  it('belongs to the owner alone', async () => {
    const { store } = await openStore(join(folder, 'a', 'b'), here);
    const modes = readdirSync(join(folder, 'a', 'b'), { recursive: true, encoding: 'utf8' }).map((name) => {
      const found = statSync(join(folder, 'a', 'b', name));
      return [name, found.mode & 0o777, found.isDirectory() ? 0o700 : 0o600];
    });
    expect(modes.length).toBeGreaterThan(4);
    for (const [name, mode, wanted] of modes) expect([name, mode]).toEqual([name, wanted]);
    await store.close();
  });

  it('is refused to a second server, naming the first, until that has ended, however it ended', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, folder, 'hold'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout!, 'data');
    await expect(openStore(folder, here)).rejects.toMatchObject({
      code: 'startup',
      message: expect.stringContaining(`in use by process ${child.pid}`),
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store } = await openStore(folder, here);
    await expect(openStore(folder, here)).rejects.toThrow(`in use by process ${process.pid}`);
    await store.close();
    await (await openStore(folder, here)).store.close();
  });

  it('is refused with one sentence when the place cannot be a folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(openStore(join(folder, 'file', 'data'), here)).rejects.toMatchObject({ code: 'startup' });
    await expect(openStore('mysql://somewhere', here)).rejects.toMatchObject({ code: 'startup' });
  });

  it('is refused with the way to restore it when the database is damaged', async () => {
    const { store } = await openStore(folder, here);
    await Promise.all(Array.from({ length: 400 }, () => store.insertJob(newJob())));
    await store.close();
    const bytes = readFileSync(file);
    const pages = bytes.length / 4096;
    for (let page = Math.floor(pages / 2); page < pages / 2 + 3; page++)
      bytes.fill(0xa5, page * 4096, (page + 1) * 4096);
    writeFileSync(file, bytes);
    await expect(openStore(folder, here)).rejects.toMatchObject({
      code: 'startup',
      message: expect.stringContaining('cp <backup>'),
    });
    writeFileSync(file, 'not a database, but long enough to be looked at as one: '.repeat(99));
    await expect(openStore(folder, here)).rejects.toMatchObject({
      code: 'startup',
      message: expect.stringContaining('damaged'),
    });
  });

  it('loses nothing acknowledged to a torn end of the write-ahead log', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, folder, 'hold'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout!, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const wal = `${file}-wal`;
    const db = openDatabase(file);
    db.pragma('synchronous = FULL');
    db.exec(`CREATE TABLE probe (n INTEGER); INSERT INTO probe VALUES (1)`);
    const size = statSync(wal).size;
    db.exec('INSERT INTO probe VALUES (2)');
    truncateSync(wal, size + 1_500);
    expect(size).toBeGreaterThan(0);
    const copy = join(folder, 'copy.db');
    writeFileSync(copy, readFileSync(file));
    writeFileSync(`${copy}-wal`, readFileSync(wal));
    db.close();
    const torn = openDatabase(copy);
    expect(torn.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(torn.prepare('SELECT n FROM probe').pluck().all()).toEqual([1]);
    torn.close();
  });
});

describe('migrations', () => {
  const last = readMigrations().at(-1)!.number;
  const second = { number: last + 1, name: '999-more.sql', sql: 'CREATE TABLE more (n INTEGER) STRICT;' };

  it('copy the database before they change it, and refuse it to an older build with the way back', () => {
    const first = readMigrations();
    const db = openWriter(file);
    expect(migrate(db, file, first)).toEqual({});
    expect(migrate(db, file, first)).toEqual({});
    db.exec(`INSERT INTO queues (name, concurrency, paused) VALUES ('kept', 1, 0)`);
    const { copy } = migrate(db, file, [...first, second]);
    expect(openDatabase(copy!).prepare(`SELECT name FROM queues WHERE name = 'kept'`).pluck().get()).toBe('kept');
    expect(() => migrate(db, file, first)).toThrow(`cp '${copy}' '${file}'`);
    db.close();
  });

  it('leave everything as it was when one fails', () => {
    const db = openWriter(file);
    migrate(db, file);
    const broken = { ...second, sql: 'CREATE TABLE more (n INTEGER); SELECT nonsense FROM nowhere;' };
    expect(() => migrate(db, file, [...readMigrations(), broken])).toThrow();
    expect(db.pragma('user_version', { simple: true })).toBe(last);
    expect(db.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'more'`).pluck().get()).toBe(0);
    db.close();
  });

  it('count the runs there were before they were counted', async () => {
    const db = openWriter(file);
    migrate(db, file, readMigrations().slice(0, 1));
    const job = (id: number, state: string, started: number | null, finished: number | null) =>
      db.exec(
        `INSERT INTO jobs (id, state, priority, delayed, resume, attempt, interruptions, token, created_at, started_at,
           finished_at, workflow, version, owner, queue, dialect, on_interrupted, input, output, cancel_reason)
         VALUES (${id}, '${state}', 0, 0, 0, 1, 0, 1, 5, ${started}, ${finished}, '/A', 'v', 'ada', 'default', 'native',
           'resume', '1', ${state === 'completed' ? "'1'" : 'NULL'}, ${state === 'cancelled' ? "'x'" : 'NULL'})`,
      );
    job(1, 'completed', 10, 40);
    job(2, 'completed', 10, 20);
    job(3, 'cancelled', null, 30);
    job(4, 'queued', null, null);
    db.exec(
      `INSERT INTO history VALUES (5, 'failed', 1, 5, 10, 15, 20, '/A', 'v', 'ada', 'default', 'native', 'step-failed')`,
    );
    db.close();
    const { store } = await openStore(folder, here);
    expect(await store.countRuns(['/A'])).toEqual([{ workflow: '/A', runs: 3, elapsedMs: 45 }]);
    await store.close();
  });

  it('are numbered from 1 on, each number once', () => {
    expect(readMigrations().map(({ number }) => number)).toEqual(readMigrations().map((_, index) => index + 1));
  });

  it.each(
    readMigrations()
      .slice(0, -1)
      .map(({ number, name }) => [name, number] as const),
  )('from the state of %s lead to the schema of a new database, and keep the jobs', async (_name, number) => {
    const schemaOf = (db: ReturnType<typeof openWriter>) =>
      db.prepare(`SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name`).all();
    const fresh = openWriter(join(folder, 'fresh.db'));
    migrate(fresh, join(folder, 'fresh.db'));
    const old = openWriter(file);
    migrate(old, file, readMigrations().slice(0, number));
    old.exec(
      `INSERT INTO jobs (id, state, priority, delayed, resume, attempt, interruptions, token, created_at, started_at,
         claimed_at, finished_at, workflow, version, owner, queue, dialect, on_interrupted, lease_owner, input, output)
       VALUES (7, 'completed', 0, 0, 0, 1, 0, 1, 5, 10, 10, 40, '/A', 'v', 'ada', 'default', 'native', 'resume', 'me',
         '1', '2'),
       (8, 'queued', 3, 0, 0, 0, 0, 0, 6, NULL, NULL, NULL, '/A', 'v', 'ada', 'default', 'native', 'resume', NULL,
         '1', NULL)`,
    );
    migrate(old, file);
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
    expect(old.pragma('user_version', { simple: true })).toBe(last);
    old.close();
    fresh.close();
    const { store } = await openStore(folder, here);
    expect(await store.findJob(7)).toMatchObject({ state: 'completed', startedAt: 10, finishedAt: 40, owner: 'ada' });
    expect(await store.listRuns(7)).toMatchObject([{ outcome: 'completed', owner: 'me' }]);
    expect(await store.claimJobs({ ...me, max: 5, at: T0 })).toMatchObject([{ job: { id: 8, priority: 3 } }]);
    expect(await store.findLatestJob(7)).toMatchObject({ id: 7 });
    await store.close();
  });

  it('are refused when they were changed after they ran', () => {
    const db = openWriter(file);
    migrate(db, file);
    const changed = readMigrations().map((one) => ({ ...one, sql: `${one.sql}\n-- changed` }));
    expect(() => migrate(db, file, changed)).toThrow('001-initial.sql');
    db.close();
  });
});

describe('the schema', () => {
  it('allows exactly the moves of the table in model/job.ts', () => {
    const db = openWriter(file);
    migrate(db, file);
    // Only the trigger is tried here, without the times that belong to the states.
    db.pragma('ignore_check_constraints = ON');
    const insert = db.prepare(
      `INSERT INTO jobs (id, state, priority, delayed, resume, attempt, interruptions, token, created_at, workflow, version,
         owner, queue, dialect, on_interrupted) VALUES (1, 'queued', 0, 0, 0, 0, 0, 0, 0, '', '', '', '', '', 'resume')`,
    );
    const set = db.prepare('UPDATE jobs SET state = ? WHERE id = 1');
    const ways = {
      loaded: [],
      queued: [],
      running: ['running'],
      waiting: ['running', 'waiting'],
      completed: ['running', 'completed'],
      failed: ['failed'],
      cancelled: ['cancelled'],
    };
    for (const from of jobStates) {
      for (const to of jobStates) {
        db.exec('BEGIN');
        if (from === 'loaded') db.prepare(insert.source.replace(`'queued'`, `'loaded'`)).run();
        else insert.run();
        for (const way of ways[from]) set.run(way);
        const moved = (() => {
          try {
            set.run(to);
            return true;
          } catch {
            return false;
          }
        })();
        expect([from, to, moved]).toEqual([from, to, from === to || allowedMoves[from].includes(to)]);
        db.exec('ROLLBACK');
      }
    }
    db.close();
  });

  it('refuses to change or delete what is not to be changed or deleted', async () => {
    const { store } = await openStore(folder, here);
    const done = await store.insertJob(newJob(), { claim: me });
    await store.finishRun(done.claim!.fence, end);
    const open = await store.insertJob(newJob());
    await store.appendAudit({ at: T0, actor: 'ada', action: 'login' });
    await store.close();
    const db = openDatabase(file);
    expect(() => db.prepare(`UPDATE jobs SET output = '2' WHERE id = ?`).run(done.job.id)).toThrow(
      'a final job does not change',
    );
    expect(() => db.prepare(`UPDATE jobs SET state = 'completed' WHERE id = ?`).run(open.job.id)).toThrow(
      'not allowed',
    );
    expect(() => db.prepare(`UPDATE jobs SET state = 'running' WHERE id = ?`).run(open.job.id)).toThrow('CHECK');
    expect(() => db.prepare('DELETE FROM jobs WHERE id = ?').run(open.job.id)).toThrow(
      'an unfinished job is not deleted',
    );
    expect(() => db.exec('DELETE FROM audit')).toThrow('append-only');
    db.close();
  });
});

describe('a full disk', () => {
  it('refuses everything with disk-full, keeps nothing of it, and takes jobs again when there is room', async () => {
    const { store } = await openStore(folder, { ...here, maxPages: 200 });
    const input = { json: JSON.stringify('x'.repeat(4_000)) };
    const answered: { id: number; uuid: string }[] = [];
    const fill = async () => {
      for (;;) {
        const { job, claim } = await store.insertJob(newJob({ input }), { claim: me });
        answered.push(job);
        await store.finishRun(claim!.fence, end);
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'disk-full' });
    const full = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 ? store.insertJob(newJob({ input })) : insertedWithEnd(store, input),
      ),
    );
    for (const one of full) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'disk-full' } });
    await checkInvariants(store, { answered });
    expect(await everyJob(store)).toHaveLength(answered.length);

    expect((await store.pruneJobs({ before: T0 + 2, keysBefore: 0, max: 20 })).jobs).toBe(20);
    await expect(store.check()).resolves.toBeUndefined();
    answered.splice(0, 20);
    answered.push((await store.insertJob(newJob({ input }))).job);
    await checkInvariants(store, { answered });
    await store.close();
    expect(look('PRAGMA integrity_check')).toBe('ok');
  });

  it.each([
    ['SQLITE_FULL', 'disk-full', false],
    ['SQLITE_IOERR_WRITE', 'store-unavailable', false],
    ['SQLITE_IOERR_FSYNC', 'store-unavailable', true],
    ['SQLITE_READONLY', 'store-unavailable', false],
    ['SQLITE_BUSY', 'store-unavailable', false],
    ['SQLITE_CORRUPT_VTAB', 'store-unavailable', true],
    ['SQLITE_CONSTRAINT_CHECK', 'invariant', false],
    ['SQLITE_ERROR', 'internal', false],
  ])('tells %s as %s, without the words of SQLite', (code, told, beyondTrust) => {
    const error = Object.assign(new TypeError('near "SELEC": syntax error'), { code });
    expect(asMillraceError(error).code).toBe(told);
    expect(asMillraceError(error).message).not.toContain('SELEC');
    expect(isBeyondTrust(error)).toBe(beyondTrust);
  });
});

describe('a backup', () => {
  it('is a whole store, made while writing goes on', async () => {
    const { store } = await openStore(folder);
    await Promise.all(Array.from({ length: 300 }, () => store.insertJob(newJob())));
    const target = join(folder, 'backup', 'millrace.db');
    await (await openStore(join(folder, 'backup'), here)).store.close();
    await rm(target);
    const copying = store.backup(target);
    const meanwhile = Promise.all(Array.from({ length: 200 }, () => store.insertJob(newJob())));
    await Promise.all([copying, meanwhile]);
    const first = (await store.findJob(1))!;
    await store.close();
    const restored = await openStore(join(folder, 'backup'), here);
    const jobs = await everyJob(restored.store);
    expect(jobs.length).toBeGreaterThanOrEqual(300);
    expect(await restored.store.findJob(first.uuid)).toEqual(first);
    await checkInvariants(restored.store);
    await restored.store.close();
  });
});
