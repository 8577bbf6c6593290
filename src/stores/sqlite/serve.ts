import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { fail } from '../../model/errors.ts';
import type { InsertOptions } from '../../store.ts';
import { type Base, createBase } from './base.ts';
import { type Call, createBatch, type Result, type VerbTable } from './batch.ts';
import { type Connection, openReader, openWriter } from './connection.ts';
import { isBeyondTrust, toWire, type WireError } from './failures.ts';
import { createIdle } from './idle.ts';
import { migrate } from './migrate.ts';
import { packChange, unpackEnded, unpackFinish, unpackJob } from './packed.ts';
import { createReads, createWrites } from './verbs.ts';
import { type Answer, CLOSE, type ThreadOptions } from './wire.ts';

/** Calls of one transaction at most: some milliseconds of work, so that the first of them is not kept waiting. */
const MAX_BATCH = 384;

/** Opens a connection and answers what comes over a port until it is told to close. */
export function serve(port: MessagePort, options: ThreadOptions): void {
  try {
    if (options.role === 'writer') write(port, options);
    else if (options.role === 'reader') read(port, options.file);
    else {
      copy(options.file, options.target);
      answer(port, { ready: {} });
    }
  } catch (error) {
    answer(port, { failed: toWire(error) });
    port.close();
  }
}

function write(port: MessagePort, options: Extract<ThreadOptions, { role: 'writer' }>): void {
  const { db, copy } = openChecked(options);
  const base = createBase(db);
  const writes = createWrites(base, options);
  const batch = createBatch(base, {
    ...writes,
    insertJob: (job: Parameters<typeof unpackJob>[0], how?: InsertOptions) => writes.insertJob(unpackJob(job), how),
    insertEnded: (...packed: Parameters<typeof unpackEnded>) => writes.insertEnded(...unpackEnded(...packed)),
    finishRun: (...packed: Parameters<typeof unpackFinish>) => writes.finishRun(...unpackFinish(...packed)),
  } as unknown as VerbTable);
  const idle = createIdle(db);
  let broken: WireError | undefined;

  const take = (calls: Call[]): Answer => {
    idle.busy();
    if (broken) {
      const error = broken;
      return { results: calls.map(([number]) => [number, null, error]) };
    }
    const { results, changes } = batch(calls);
    const cause = results.find(({ error }) => error !== undefined && isBeyondTrust(error));
    if (cause) broken = distrust(cause.error);
    return { results: results.map(wire), changes: changes.map(packChange), ...(broken ? { fatal: broken } : {}) };
  };
  listen(port, db, take, () => {
    if (!broken) idle.answered();
  });
  answer(port, { ready: copy === undefined ? {} : { copy } });
}

function read(port: MessagePort, file: string): void {
  // Opened with the first call: the writer may still be making the file.
  let verbs: VerbTable | undefined;
  let base: Base | undefined;
  const db = {
    get open() {
      return base?.db.open ?? false;
    },
    close: () => base?.db.close(),
  };
  listen(port, db, (calls) => {
    const results = calls.map(([number, name, args]): Result => {
      try {
        base ??= createBase(openReader(file, 16));
        verbs ??= createReads(base) as unknown as VerbTable;
        const verb = verbs[name] as (...args: unknown[]) => unknown;
        return { number, value: verb(...args) };
      } catch (error) {
        return { number, error };
      }
    });
    return { results: results.map(wire) };
  });
  answer(port, { ready: {} });
}

/**
 * Hands every call that waits on the port to `run`, in slices, and posts one answer for each slice; calls `answered` when
 * none is left.
 */
function listen(
  port: MessagePort,
  db: { open: boolean; close(): void },
  run: (calls: Call[]) => Answer,
  answered = () => {},
): void {
  const waiting: Call[] = [];
  let closing = false;
  const take = (message: unknown): void => {
    if (message === CLOSE) closing = true;
    else waiting.push(...(JSON.parse(message as string) as Call[]));
  };
  port.on('message', (message) => {
    take(message);
    do {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message);
      if (waiting.length > 0) answer(port, run(waiting.splice(0, MAX_BATCH)));
    } while (waiting.length > 0);
    if (!closing) {
      answered();
      return;
    }
    if (db.open) db.close();
    port.close();
  });
}

// JSON has no undefined: a call without a value has a shorter answer.
function wire({ number, value, error }: Result): NonNullable<Answer['results']>[number] {
  if (error !== undefined) return [number, null, toWire(error)];
  return value === undefined ? [number] : [number, value];
}

function answer(port: MessagePort, message: Answer): void {
  port.postMessage(JSON.stringify(message));
}

function openChecked(options: Extract<ThreadOptions, { role: 'writer' }>): { db: Connection; copy?: string } {
  try {
    const db = openWriter(options.file);
    if (options.maxPages !== undefined) db.pragma(`max_page_count = ${options.maxPages}`);
    // The whole file is read: only where that takes no time. A damaged page elsewhere shows when it is used.
    if (statSync(options.file).size <= options.quickCheckBytes) {
      const found = db.pragma('quick_check(1)', { simple: true });
      if (found !== 'ok') throw damaged(options.file, new Error(String(found)));
    }
    return { db, ...migrate(db, options.file) };
  } catch (error) {
    if (/^SQLITE_(CORRUPT|NOTADB)/.test((error as { code?: string }).code ?? '')) throw damaged(options.file, error);
    if (/^SQLITE_(READONLY|CANTOPEN|PERM)/.test((error as { code?: string }).code ?? '')) {
      const who = process.getuid ? ` by user id ${process.getuid()}` : '';
      const detail = `The database ${options.file} cannot be written${who}. Give that user the data folder (chown, chmod u+rwX).`;
      throw fail('startup', { detail, cause: error });
    }
    throw error;
  }
}

function damaged(file: string, cause: unknown): Error {
  const detail =
    `The database ${file} is damaged. Stop the server, keep the file for inspection and put a backup in its place: ` +
    `mv '${file}' '${file}.damaged' && rm -f '${file}-wal' '${file}-shm' && cp <backup> '${file}'`;
  return fail('startup', { detail, cause });
}

const distrust = (cause: unknown): WireError =>
  toWire(
    fail('store-unavailable', {
      detail: 'The disk failed to keep what was written, or the database is damaged; the server must be started again.',
      cause,
    }),
  );

/** A consistent, compact copy, complete under its name or not there at all. */
function copy(file: string, target: string): void {
  const part = `${target}.part`;
  rmSync(part, { force: true });
  const db = openReader(file, 16);
  try {
    // Made beforehand, for the owner alone: SQLite fills an empty file.
    closeSync(openSync(part, 'wx', 0o600));
    db.prepare('VACUUM INTO ?').run(part);
    sync(part);
    renameSync(part, target);
    sync(dirname(target));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    db.close();
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
