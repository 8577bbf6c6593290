import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from './jobs-support.ts';
import { importAndRun } from './postman.ts';
import { rest } from './support.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

it('the operations of the repository can be imported into Postman and run there', async () => {
  const { json } = await server.ask('GET', `${rest}/openapi.json`);
  const names = [
    'Read the root document',
    'Get a token',
    'Read the root group',
    'Read an item',
    'Download an item',
    'Read what a workflow takes and gives',
    'Read the picture of a workflow',
    "Download the server's log",
  ];
  const { statuses } = await importAndRun(server, json, { names, variables: { path: 'Users/guest/echo' } });
  expect(statuses).toEqual(names.map((name) => [name, 200]));
});

it('the operations of jobs can be imported into Postman and run there', async () => {
  const { id } = await server.load('echo');
  const { json } = await server.ask('GET', `${rest}/openapi.json`);
  const { statuses } = await importAndRun(server, json, {
    names: [
      'List jobs',
      'List the jobs of a workflow',
      'Run a workflow in one step',
      'Run a workflow with parameters of the query',
      'The same under its older name',
      'Load a job',
      'Run a job',
      'Read a job',
      'Change what a job will run with',
      'Swap a job out',
      'Load a job that was swapped out',
      'Describe the workflow of a job',
      'Read the log of a job',
      'Cancel the run of a job',
      'Discard a job',
    ],
    variables: { path: 'Users/guest/echo', uuid: id },
  });
  expect(statuses.map(([, status]) => status)).toEqual([
    ...[200, 200, 200, 200, 200, 201, 200, 200, 200, 200, 200, 200, 200, 204, 204],
  ]);
});

it.each([
  'Example',
  'Schema',
] as const)('so can the description of a single workflow, values made of each %s', async (resolution) => {
  for (const name of ['test20190410', 'echo']) {
    const { json } = await server.ask('GET', server.guest(`${name}:openapi`));
    const { statuses } = await importAndRun(server, json, { resolution });
    expect(statuses, name).toEqual([
      ['List the jobs of this workflow', 200],
      ['Load a job, to be run by POST /jobs/{uuid}', 201],
      ['Run with values from the query', 200],
      ['Run', 200],
    ]);
  }
});
