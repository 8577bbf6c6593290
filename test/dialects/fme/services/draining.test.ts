import { expect, it } from 'vitest';
import { startServer } from '../support.ts';

it('a server that stops tells those who wait for a job that it goes on', async () => {
  const server = await startServer();
  try {
    const services = ['fmejobsubmitter', 'fmedatadownload', 'fmedatastreaming'];
    const waiting = services.map((name) => server.ask('GET', `/${name}/Tests/Sleeps.fmw?opt_responseformat=json`));
    const transact = server.ask('POST', '/fmerest/v3/transformations/transact/Tests/Sleeps.fmw', { body: {} });
    await expect.poll(() => server.app.engine.waiting.count()).toBe(4);
    const stopping = server.stop();
    for (const { status, json } of await Promise.all(waiting)) {
      const { statusInfo, jobID } = json.serviceResponse;
      expect([status, statusInfo, Number.isInteger(jobID)]).toEqual([202, { mode: 'async', status: 'success' }, true]);
    }
    const { status, json } = await transact;
    expect([status, Object.keys(json), Number.isInteger(json.id)]).toEqual([202, ['id'], true]);
    await stopping;
  } finally {
    await server.stop().catch(() => {});
  }
});
