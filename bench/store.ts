import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import type { JobQuery, Store } from '../src/store.ts';
import { openStore } from '../src/stores/index.ts';
import { createBase } from '../src/stores/sqlite/base.ts';
import { type Call, createBatch, type VerbTable } from '../src/stores/sqlite/batch.ts';
import { openReader, openWriter } from '../src/stores/sqlite/connection.ts';
import { createIdCell } from '../src/stores/sqlite/ids.ts';
import { migrate } from '../src/stores/sqlite/migrate.ts';
import { createReads, createWrites } from '../src/stores/sqlite/verbs.ts';
import { newJob } from '../test/stores/samples.ts';

// What the store costs: CPU per verb with few and with many rows, what one transaction for many callers is worth, and
// what a page of a list takes. Sides are measured in turn, medians are told, ratios count: absolute figures follow the machine.
//
//   npx tsx bench/store.ts [--rows 300000] [--rounds 9] [--check]

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '9' },
    check: { type: 'boolean', default: false },
  },
});
const MANY = Number(values.rows);
const ROUNDS = Number(values.rounds);
const FEW = 1_000;
const BATCH = 64;
const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
const T0 = Date.now() - 86_400_000;
const me = { owner: 'bench', leaseMs: 30_000 };
const failures: string[] = [];

const input = {
  json: '{"rows":[{"customer":17,"months":3,"charges":29.85},{"customer":18,"months":30,"charges":56.95}]}',
};
const job = () => newJob({ input, createdAt: Date.now() });
const outcome = { kind: 'completed' as const, output: { json: '{"ok":true}' } };

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const goal = (what: string, value: number, limit: number, least = false): void => {
  const met = least ? value >= limit : value <= limit;
  if (!met) failures.push(what);
  say(`  ${met ? 'ok  ' : 'MISS'} ${what}: ${value.toFixed(2)} (goal ${least ? '>=' : '<='} ${limit})`);
};

/** A database with so many rows, finished or queued. */
function fill(name: string, rows: number, state: 'completed' | 'queued') {
  const file = join(folder, `${name}.db`);
  const db = openWriter(file);
  migrate(db, file);
  const final = state === 'completed';
  db.prepare(
    `INSERT INTO jobs (id, state, priority, delayed, resume, attempt, interruptions, token, created_at, started_at,
       claimed_at, finished_at, workflow, version, owner, queue, dialect, on_interrupted, input, output, labels)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
     SELECT i, :state, 0, 0, 0, :final, 0, :final, :from + i, ${final ? ':from + i, :from + i, :from + i + 5' : 'NULL, NULL, NULL'},
       '/Examples/' || (i % 20), :version, 'user ' || (i % 50), CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'default' END,
       'native', 'resume', :input, ${final ? `'{"ok":true}'` : 'NULL'},
       CASE WHEN i % 5000 = 0 THEN '{"team":"data"}' END
     FROM n`,
  ).run({ rows, state, final: final ? 1 : 0, from: T0, version: 'a'.repeat(64), input: '{"rows":3}' });
  db.pragma('wal_checkpoint(TRUNCATE)');
  const base = createBase(db);
  const run = createBatch(
    base,
    createWrites(base, { maxLogBytes: 1e6, idCell: createIdCell() }) as unknown as VerbTable,
  );
  return { file, db, run };
}

/** CPU microseconds of one call, in transactions of BATCH calls. */
function cpu(run: ReturnType<typeof createBatch>, calls: readonly Call[][]): { each: number; values: unknown[] } {
  const values: unknown[] = [];
  const before = process.cpuUsage();
  for (const batch of calls) {
    for (const { value, error } of run(batch).results) {
      if (error) throw error;
      values.push(value);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { each: (user + system) / calls.flat().length, values };
}

const batches = (make: (index: number) => [string, unknown[]], count: number): Call[][] =>
  Array.from({ length: count }, (_, batch) =>
    Array.from({ length: BATCH }, (_, index): Call => [index, ...make(batch * BATCH + index)]),
  );

/** One round of every verb: so many jobs inserted, as many claimed and finished. */
function cycle(side: ReturnType<typeof fill>): Record<'insert' | 'claim' | 'finish', number> {
  const count = 16;
  const insert = cpu(
    side.run,
    batches(() => ['insertJob', [job()]], count),
  );
  const claims = Array.from({ length: count }, (): Call[] => [
    [0, 'claimJobs', [{ ...me, max: BATCH, at: Date.now() }]],
  ]);
  const claim = cpu(side.run, claims);
  const taken = claim.values.flat() as { fence: unknown }[];
  const finish = cpu(
    side.run,
    batches((index) => ['finishRun', [taken[index]!.fence, { outcome, at: Date.now(), maxInterruptions: 3 }]], count),
  );
  return { insert: insert.each, claim: claim.each / BATCH, finish: finish.each };
}

function growth(kind: 'history' | 'backlog'): ReturnType<typeof fill> {
  const state = kind === 'history' ? 'completed' : 'queued';
  const few = fill(`${kind}-few`, FEW, state);
  const started = performance.now();
  const many = fill(`${kind}-many`, MANY, state);
  say(`\n${kind}: ${FEW} rows against ${MANY} (filled in ${((performance.now() - started) / 1000).toFixed(1)} s)`);
  const rounds: { few: ReturnType<typeof cycle>; many: ReturnType<typeof cycle> }[] = [];
  for (let round = 0; round < ROUNDS + 2; round++) {
    const first = round % 2 ? cycle(few) : cycle(many);
    const second = round % 2 ? cycle(many) : cycle(few);
    // The first rounds warm the caches and the compiler.
    if (round >= 2) rounds.push(round % 2 ? { few: first, many: second } : { few: second, many: first });
  }
  for (const verb of ['insert', 'claim', 'finish'] as const) {
    const [a, b] = [median(rounds.map((one) => one.few[verb])), median(rounds.map((one) => one.many[verb]))];
    say(`  ${verb}: ${a.toFixed(1)} us, ${b.toFixed(1)} us of CPU`);
    goal(`${verb} with many rows / with few`, median(rounds.map((one) => one.many[verb] / one.few[verb])), 1.25);
  }
  few.db.close();
  return many;
}

function lists(file: string): void {
  const reads = createReads(createBase(openReader(file, 16)));
  const old = T0 + MANY / 10;
  const queries: [string, Partial<JobQuery>][] = [
    ['newest', {}],
    ['oldest', { order: 'oldest' }],
    ['completed', { states: ['completed'] }],
    ['failed (none)', { states: ['failed'] }],
    ['running or waiting (none)', { states: ['running', 'waiting'] }],
    ['one workflow', { workflow: '/Examples/7' }],
    ['one folder', { workflow: '/Examples/' }],
    ['no such folder', { workflow: '/None/' }],
    ['one owner and workflow', { owner: 'user 3', workflow: '/Examples/3' }],
    ['rare queue', { queue: 'rare' }],
    ['rare label', { label: { name: 'team', value: 'data' } }],
    ['no such key', { businessKey: 'none' }],
    ['no such dialect', { dialect: 'kie' }],
    ['long ago', { createdTo: old }],
    ['long ago, rare', { createdTo: old, queue: 'rare', owner: 'user 0' }],
  ];
  say(`\nlists: pages of 100 in ${MANY} rows`);
  const walk = (query: Partial<JobQuery>): { times: number[]; jobs: number } => {
    const times: number[] = [];
    let jobs = 0;
    let cursor: string | undefined;
    for (let page = 0; page < 10; page++) {
      const started = performance.now();
      const found = reads.listJobs({ order: 'newest', limit: 100, ...query, ...(cursor ? { cursor } : {}) });
      times.push(performance.now() - started);
      jobs += found.items.length;
      cursor = found.next;
      if (!cursor) break;
    }
    return { times, jobs };
  };
  let worst = 0;
  for (const [name, query] of queries) {
    const walks = Array.from({ length: 3 }, () => walk(query));
    // The slowest page of each walk, and of those the median: another program's turn on the processor is not ours.
    const slowest = median(walks.map(({ times }) => Math.max(...times)));
    const { times, jobs } = walks[0]!;
    worst = Math.max(worst, slowest);
    say(
      `  ${name}: ${jobs} jobs on ${times.length} pages, median ${median(times).toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`,
    );
  }
  goal('slowest page, ms', worst, 50);
}

/** Jobs a second, inserted as claimed and finished, by so many callers side by side. */
async function rate(store: Store, callers: number, ms: number): Promise<number> {
  const until = performance.now() + ms;
  let done = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      const { claim } = await store.insertJob(job(), { claim: me });
      await store.finishRun(claim!.fence, { outcome, at: Date.now(), maxInterruptions: 3 });
      done++;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1000) / (performance.now() - started);
}

async function throughput(): Promise<void> {
  const { store } = await openStore(join(folder, 'rate'));
  await rate(store, 64, 500);
  const one: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    one.push(await rate(store, 1, 300));
    many.push(await rate(store, 64, 300));
  }
  say('\nthroughput: insert as claimed and finish, each durable before its caller goes on');
  say(`  1 caller: ${median(one).toFixed(0)} jobs/s; 64 callers: ${median(many).toFixed(0)} jobs/s`);
  goal('64 callers / 1 caller', median(many.map((rate, round) => rate / one[round]!)), 7, true);
  await store.close();
}

try {
  say(`SQLite ${new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get()}, Node ${process.version}`);
  await throughput();
  const history = growth('history');
  lists(history.file);
  history.db.close();
  growth('backlog').db.close();
} finally {
  rmSync(folder, { recursive: true });
}
if (values.check && failures.length > 0) process.exitCode = 1;
