import { openStore } from '../../src/stores/index.ts';
import { completed, me, newJob, T0 } from './samples.ts';

// A server of its own for the tests: `insert 20`, `execute 20` or `hold`, on the data folder given; says when it is done.
const [folder = '', what = 'hold', count = '0'] = process.argv.slice(2);
const { store } = await openStore(folder);
process.stdout.write('open\n');
const first = what === 'execute' ? await store.reserveJobIds(Number(count)) : 0;
for (let done = 0; done < Number(count); done++) {
  if (what === 'insert') await store.insertJob(newJob());
  else {
    const run = { id: first + done, owner: me.owner, startedAt: T0, endedAt: T0, outcome: completed() };
    await store.recordExecution(newJob(), run);
  }
}
process.stdout.write('done\n');
if (what !== 'hold') await store.close();
