import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../src/stores/index.ts';
import { completed, me, newJob, T0 } from './samples.ts';

// A server of its own for the tests: `insert 20`, `execute 20`, `tell 20` or `hold`, on the data folder given; says when it
// is done.
const [folder = '', what = 'hold', count = '0'] = process.argv.slice(2);
const { store } = await openStore(folder);
process.stdout.write('open\n');
if (what === 'tell') await tellAll();
for (let done = 0; done < Number(count); done++) {
  if (what === 'insert') await store.insertJob(newJob());
  else {
    const run = { id: await store.newJobId(), owner: me.owner, startedAt: T0, endedAt: T0, outcome: completed() };
    await store.recordExecution(newJob(), run);
  }
}
process.stdout.write('done\n');
if (what !== 'hold') await store.close();

/** Eight callers at once say what each was answered; between two rounds the log is folded into the database; then a kill. */
async function tellAll(): Promise<never> {
  const round = () => Promise.all(Array.from({ length: 8 }, (_, caller) => tell(caller)));
  await round();
  await sleep(2_500);
  await round();
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

async function tell(caller: number): Promise<void> {
  // Every second one publishes its end, in another way through the store.
  const publish = caller % 2 === 0 ? {} : { publish: { completed: ['done', 'told'] } };
  for (let done = caller; done < Number(count); done += 8) {
    const { job, claim } = await store.insertJob(newJob(publish), { claim: me });
    process.stdout.write(`inserted ${job.id}\n`);
    await store.finishRun(claim!.fence, { outcome: completed(), at: T0 + 1, maxInterruptions: 3 });
    process.stdout.write(`completed ${job.id}\n`);
    const run = { id: await store.newJobId(), owner: me.owner, startedAt: T0, endedAt: T0 + 1, outcome: completed() };
    await store.insertEnded(newJob(), run);
    process.stdout.write(`completed ${run.id}\n`);
  }
}
