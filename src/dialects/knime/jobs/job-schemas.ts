import * as z from 'zod';
import { exampleRoot, linksBelow } from '../links.ts';
import { control, masonMembers, namespaces } from '../mason.ts';
import { states } from './job-states.ts';

const time = z.string().meta({ example: '2021-04-06T10:15:30.102+02:00[Europe/Berlin]' });
const values = z.record(z.string(), z.any());

const head = {
  id: z.uuid(),
  name: z.string(),
  workflow: z.string().meta({ description: 'Absolute path.' }),
  owner: z.string(),
  state: z.enum(states),
  createdAt: time,
  startedExecutionAt: time.optional(),
  finishedExecutionAt: time.optional(),
};

/** A job with all it has (reference section 9.1). */
export const Job = z
  .object({
    ...head,
    createdVia: z.string(),
    isOutdated: z.boolean().meta({ description: 'The workflow was changed since the job was loaded.' }),
    isSwapped: z.boolean(),
    hasReport: z.boolean(),
    discard: z.boolean(),
    discardAfterSuccessfulExec: z.boolean(),
    discardAfterFailedExec: z.boolean(),
    configuration: values,
    notifications: values,
    actions: z.array(z.any()),
    nodeMessages: z.array(
      z.object({ node: z.string(), messageType: z.enum(['ERROR', 'WARNING', 'RESET']), message: z.string() }),
    ),
    inputParameters: values.meta({ description: 'Name to value, defaults included.' }),
    inputResources: z.record(z.string(), z.string()).optional().meta({ description: 'File inputs: name to file.' }),
    outputValues: values.optional().meta({ description: 'Name to value, in the order of the workflow.' }),
    outputResources: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'File outputs: name to what stands behind `/output-resources/`.' }),
    ...masonMembers,
  })
  .meta({ id: 'KnimeJob' });

export const JobList = z
  .object({
    jobs: z.array(
      z.object({
        ...head,
        isSwapped: z.boolean(),
        isOutdated: z.boolean(),
        '@controls': masonMembers['@controls'],
      }),
    ),
    ...masonMembers,
  })
  .meta({ id: 'KnimeJobs' });

/** Parameters: name to value. */
export const Parameters = values.meta({ id: 'KnimeParameters', description: 'Parameter name to value.' });

const links = linksBelow(exampleRoot);
const uuid = '0f3c6c0e-6d0a-4d4d-8d0f-3a2f7f1c9b52';
const workflow = '/Examples/Predict Results Using REST API';

export const exampleInput = { 'json-input': [{ dayMinutes: 265.1, eveningMinutes: 197.4, supportCalls: 4 }] };

const exampleHead = {
  id: uuid,
  name: 'Predict Results Using REST API 2021-04-06 10.20.00',
  workflow,
  owner: 'guest',
  state: 'EXECUTION_FINISHED',
  createdAt: '2021-04-06T10:20:00.412+02:00[Europe/Berlin]',
  startedExecutionAt: '2021-04-06T10:21:12.004+02:00[Europe/Berlin]',
  finishedExecutionAt: '2021-04-06T10:21:13.950+02:00[Europe/Berlin]',
};

export const exampleJob = {
  ...exampleHead,
  createdVia: 'generic client',
  isOutdated: false,
  isSwapped: false,
  hasReport: false,
  discard: false,
  discardAfterSuccessfulExec: false,
  discardAfterFailedExec: false,
  configuration: {},
  notifications: {},
  actions: [],
  nodeMessages: [],
  inputParameters: exampleInput,
  outputValues: { 'json-output': [{ prediction: 'leaves', probability: 0.97 }] },
  '@namespaces': namespaces,
  '@controls': {
    self: control(links.job(uuid)),
    'knime:execute-job': control(`${links.job(uuid)}{?async}`, 'POST', { encoding: 'Json', template: exampleInput }),
    'knime:delete': control(links.job(uuid), 'DELETE'),
  },
};

export const exampleList = {
  jobs: [{ ...exampleHead, isSwapped: false, isOutdated: false, '@controls': { self: control(links.job(uuid)) } }],
  '@namespaces': namespaces,
  '@controls': { self: control(`${exampleRoot}/v4/jobs`) },
};

/** A UUID; what is none is no job of ours. */
export const jobParams = z.object({
  uuid: z.string().max(100).meta({ description: 'UUID of the job.', example: uuid, format: 'uuid' }),
});
