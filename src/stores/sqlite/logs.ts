import { fail } from '../../model/errors.ts';
import type { LogLine } from '../../model/run.ts';
import type { LogCount, LogQuery, Store } from '../../store.ts';
import type { Base, Reading, Sync } from './base.ts';

/** Text of one chunk, in characters: large enough to be cheap, small enough to be read in passing. */
const CHUNK = 32 * 1024;

export interface LogWriter {
  append(job: number, lines: readonly LogLine[]): void;
}

interface Totals {
  lines: number;
  bytes: number;
  dropped: number;
  warnings: number;
  errors: number;
}

/** `maxLogBytes`: characters of JSON kept for one job. */
export function createLogs(base: Base, maxLogBytes: number): LogWriter {
  const totals = base.read<Totals>('SELECT lines, bytes, dropped, warnings, errors FROM log_totals WHERE job = ?');
  const keepTotals = base.write('INSERT OR REPLACE INTO log_totals VALUES (?, ?, ?, ?, ?, ?)');
  const add = base.write('INSERT INTO logs VALUES (?, ?, ?, ?)');
  return {
    append(job, lines) {
      const total = totals.get(job) ?? { lines: 0, bytes: 0, dropped: 0, warnings: 0, errors: 0 };
      let chunk: string[] = [];
      let size = 0;
      const flush = (): void => {
        if (chunk.length === 0) return;
        add.run(job, total.lines + 1, total.lines + chunk.length, `[${chunk.join(',')}]`);
        total.lines += chunk.length;
        chunk = [];
        size = 0;
      };
      let at = 0;
      for (const line of lines) {
        at = line.at;
        if (line.level === 'warn') total.warnings++;
        else if (line.level === 'error') total.errors++;
        const text = JSON.stringify(line);
        // Once a line was dropped, so are all that follow: a log with holes would mislead.
        if (total.dropped > 0 || total.bytes + text.length > maxLogBytes) {
          total.dropped++;
          continue;
        }
        if (size + text.length > CHUNK) flush();
        chunk.push(text);
        size += text.length;
        total.bytes += text.length;
      }
      flush();
      keepTotals.run(job, total.lines, total.bytes, total.dropped, total.warnings, total.errors);
      base.announce({ kind: 'log', job, at });
    },
  };
}

export function logWrites(base: Base, logs: LogWriter): Sync<Pick<Store, 'appendLog'>> {
  const exists = base.read('SELECT 1 FROM jobs WHERE id = ?');
  return {
    appendLog(job, lines) {
      if (!exists.get(job)) throw fail('not-found', `There is no job ${job}.`);
      if (lines.length > 0) logs.append(job, lines);
    },
  };
}

/** A look-up by key, of a page of jobs at most. */
export function logCounts(base: Base): Sync<Pick<Store, 'countLogs'>> {
  const count = base.read<LogCount>(
    'SELECT job, lines + dropped AS lines, warnings, errors FROM log_totals WHERE job IN (SELECT value FROM json_each(?)) ORDER BY job',
  );
  return { countLogs: (jobs) => (jobs.length === 0 ? [] : count.all(JSON.stringify(jobs))) };
}

interface ChunkRow {
  first_seq: number;
  lines: string;
}

export function logReads(base: Base): Sync<Pick<Store, 'readLog'>> {
  const forward = base.read<ChunkRow>(
    'SELECT first_seq, lines FROM logs WHERE job = ? AND first_seq > ? ORDER BY first_seq LIMIT 16',
  );
  const holding = base.read<{ first_seq: number }>(
    'SELECT first_seq FROM logs WHERE job = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
  );
  const backward = base.read<ChunkRow>(
    'SELECT first_seq, lines FROM logs WHERE job = ? AND first_seq < ? ORDER BY first_seq DESC LIMIT 16',
  );
  const dropped = base.read<{ dropped: number }>('SELECT dropped FROM log_totals WHERE job = ?');

  return {
    readLog(job, query) {
      const lines = query.tail === undefined ? oldest(job, query) : newest(job, query, query.tail);
      return { lines, dropped: dropped.get(job)?.dropped ?? 0 };
    },
  };

  function oldest(job: number, { after = 0, step, limit }: LogQuery): Numbered[] {
    const found: Numbered[] = [];
    const begin = (holding.get(job, after + 1)?.first_seq ?? 1) - 1;
    for (const chunk of chunks(forward, job, begin)) {
      for (const line of linesOf(chunk)) {
        if (found.length >= limit) return found;
        if (line.seq > after && (step === undefined || line.step === step)) found.push(line);
      }
    }
    return found;
  }

  function newest(job: number, { after = 0, step, limit }: LogQuery, tail: number): Numbered[] {
    const wanted = Math.min(tail, limit);
    const found: Numbered[] = [];
    if (wanted <= 0) return found;
    for (const chunk of chunks(backward, job, Number.MAX_SAFE_INTEGER)) {
      for (const line of linesOf(chunk).toReversed()) {
        if (line.seq <= after) return found.reverse();
        if (step === undefined || line.step === step) found.push(line);
        if (found.length >= wanted) return found.reverse();
      }
    }
    return found.reverse();
  }
}

/** Chunks beyond `begin`, a few at a time, so that a long log is never in memory whole. */
function* chunks(some: Reading<ChunkRow>, job: number, begin: number): IterableIterator<ChunkRow> {
  for (let at = begin; ; ) {
    const found = some.all(job, at);
    yield* found;
    if (found.length === 0) return;
    at = found.at(-1)!.first_seq;
  }
}

type Numbered = LogLine & { seq: number };

const linesOf = ({ first_seq, lines }: ChunkRow): Numbered[] =>
  (JSON.parse(lines) as LogLine[]).map((line, index) => ({ ...line, seq: first_seq + index }));
