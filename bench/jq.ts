/**
 * Evaluations per CPU second of our jq, beside jq-wasm: `npx tsx bench/jq.ts`. CPU time is what the process used, so that
 * other work on the machine matters little; each figure is the median of five rounds taken in turn.
 */
import { loadJq } from 'jq-wasm';
import { compile, type Json } from '../src/jq/index.ts';

const ROUNDS = 5;
const ROUND_MS = 150;
/** What a simple path has to reach, in evaluations per CPU second. */
const GOAL = 500_000;

const orders = Array.from({ length: 500 }, (_, i) => ({ id: i, customer: `c${i % 17}`, total: (i * 37) % 101 }));
const claims = { user: { name: 'Ada', claims: { subject: 'ada@example.org', roles: ['a', 'b'] } }, color: 'red', n: 3 };

const CASES: { name: string; program: string; input: Json; simple?: boolean }[] = [
  { name: 'path', program: '.user.claims.subject', input: claims, simple: true },
  { name: 'comparison', program: '.color == "red"', input: claims, simple: true },
  { name: 'interpolation', program: '"Hello \\(.user.name), you have \\(.n)"', input: claims },
  { name: 'object', program: '{name: .user.name, n: (.n + 1), roles: .user.claims.roles}', input: claims },
  { name: 'reduce over 500', program: 'reduce .[] as $o (0; . + $o.total)', input: orders },
  { name: 'map and select over 500', program: 'map(select(.total > 50) | .id)', input: orders },
  {
    name: 'group_by over 500',
    program: 'group_by(.customer) | map({customer: .[0].customer, n: length})',
    input: orders,
  },
  { name: 'test', program: '.user.name | test("^[A-Z][a-z]+$")', input: claims },
];

/** Evaluations per CPU second of `once`, over about ROUND_MS. */
function rate(once: () => unknown): number {
  let count = 0;
  let batch = 1;
  const start = process.cpuUsage();
  for (;;) {
    for (let i = 0; i < batch; i++) once();
    count += batch;
    const used = process.cpuUsage(start);
    const ms = (used.user + used.system) / 1000;
    if (ms >= ROUND_MS) return (count / ms) * 1000;
    batch = Math.min(batch * 2, 20_000);
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

const jq = await loadJq();
let reached = true;
console.log('case'.padEnd(26), 'ours/s'.padStart(12), 'jq-wasm/s'.padStart(12), 'ratio'.padStart(8));
for (const { name, program, input, simple } of CASES) {
  const compiled = compile(program);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(rate(() => compiled.first(input)));
    theirs.push(rate(() => jq.raw(input as object, program, ['-c'])));
  }
  const [a, b] = [median(ours), median(theirs)];
  if (simple && a < GOAL) reached = false;
  console.log(
    name.padEnd(26),
    Math.round(a).toLocaleString('en').padStart(12),
    Math.round(b).toLocaleString('en').padStart(12),
    `${(a / b).toFixed(0)}x`.padStart(8),
  );
}
console.log(reached ? `simple paths reach ${GOAL} per CPU second` : `simple paths miss ${GOAL} per CPU second`);
process.exitCode = reached ? 0 : 1;
