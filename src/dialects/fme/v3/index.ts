import type { FastifyInstance } from 'fastify';
import type { Dialect, DialectContext } from '../../../dialect.ts';
import { addV3Accounts } from './accounts.ts';
import { addV3Engines } from './engines.ts';
import { addV3Health } from './health.ts';
import { addV3Info } from './info.ts';
import { addV3Items } from './items.ts';
import { addV3JobActions } from './job-actions.ts';
import { addV3JobList } from './job-list.ts';
import { addV3Jobs } from './jobs.ts';
import { addV3Repositories, REPOSITORIES_TAG } from './repositories.ts';
import { addV3ResourceFiles } from './resource-files.ts';
import { RESOURCES_TAG } from './resource-routes.ts';
import { addV3ResourceUploads } from './resource-uploads.ts';
import { addV3Resources } from './resources.ts';
import { addV3Schedules, SCHEDULES_TAG } from './schedules.ts';
import { addV3Submit, V3_JOBS_TAG } from './submit.ts';
import { addV3Tokens } from './tokens.ts';
import { addV3TransactData } from './transact-data.ts';

/** Groups of the operations of V3, which stand in one document with those of V4. */
export const v3Tags: Dialect['tags'] = [
  { name: V3_JOBS_TAG, description: 'V3: submit workspaces, wait for them, list and cancel jobs.' },
  { name: REPOSITORIES_TAG, description: 'V3: repositories, workspaces and their parameters.' },
  { name: 'V3 Security', description: 'V3: tokens and users.' },
  { name: 'V3 Server', description: 'V3: health, build and engines of the server.' },
  { name: SCHEDULES_TAG, description: 'V3: workspaces by the clock.' },
  { name: RESOURCES_TAG, description: 'V3: shared files.' },
];

/** The operations of FME Flow's REST API V3 that clients still call, one noun a file. */
export async function addV3(scope: FastifyInstance, context: DialectContext): Promise<void> {
  await addV3Submit(scope, context);
  await addV3TransactData(scope, context);
  addV3JobList(scope, context);
  addV3Jobs(scope, context);
  addV3JobActions(scope, context);
  addV3Info(scope, context);
  addV3Health(scope, context);
  addV3Engines(scope, context);
  addV3Tokens(scope, context);
  addV3Accounts(scope, context);
  await addV3Repositories(scope, context);
  await addV3Items(scope, context);
  await addV3Resources(scope, context);
  addV3ResourceFiles(scope, context);
  await addV3ResourceUploads(scope, context);
  await addV3Schedules(scope, context);
}
