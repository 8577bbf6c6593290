import { measureHttp } from './http.ts';
import { measureStart } from './start.ts';
import { type Goal, report } from './support.ts';
import { measureSyncs } from './syncs.ts';
import { measureWaiters } from './waiters.ts';

// npm run bench [-- http start syncs waiters]: figures of one run, as ratios where the machine matters.
const parts: Record<string, () => Promise<Goal[]>> = {
  start: () => measureStart(5),
  http: () => measureHttp(Number(process.env['BENCH_ROUNDS'] ?? 10), 1.5),
  syncs: () => measureSyncs(100),
  waiters: () => measureWaiters(10_000),
};

const wanted = process.argv.slice(2);
let met = true;
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n# ${name}`);
  met = report(await measure()) && met;
}
process.exitCode = met ? 0 : 1;
