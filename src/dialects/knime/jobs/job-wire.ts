import type { Job } from '../../../model/job.ts';
import type { JsonObject } from '../../../model/json.ts';
import { choices } from '../choices.ts';
import type { Links } from '../links.ts';
import { type Controls, control, namespaces } from '../mason.ts';
import { type StateNames, stateOf } from './job-states.ts';
import type { NodeMessage } from './node-messages.ts';
import { nameTime, zonedTime } from './times.ts';

/** What is told of every job, in lists too. To clients all its runs are one job, made when the first was. */
export type Told = Pick<
  Job,
  'workflow' | 'owner' | 'state' | 'createdAt' | 'seriesCreatedAt' | 'startedAt' | 'finishedAt'
>;

export const headWire = (job: Told, uuid: string, names: StateNames) => ({
  id: uuid,
  name: `${job.workflow.slice(job.workflow.lastIndexOf('/') + 1)} ${nameTime(job.seriesCreatedAt ?? job.createdAt)}`,
  workflow: job.workflow,
  owner: job.owner,
  state: stateOf(job, names),
  createdAt: zonedTime(job.seriesCreatedAt ?? job.createdAt),
  ...(job.startedAt === undefined ? {} : { startedExecutionAt: zonedTime(job.startedAt) }),
  ...(job.finishedAt === undefined ? {} : { finishedExecutionAt: zonedTime(job.finishedAt) }),
});

/** What a job document has beside its head. */
export interface JobFacts {
  dialect: string;
  isOutdated: boolean;
  isSwapped: boolean;
  discard: boolean;
  nodeMessages: NodeMessage[];
  inputParameters: JsonObject;
  inputResources: JsonObject;
  outputValues?: JsonObject | undefined;
  outputResources?: Record<string, string> | undefined;
}

/** A job in the order of members that clients have seen (reference section 9). */
export const jobWire = (job: Told, uuid: string, names: StateNames, facts: JobFacts, controls: Controls) => ({
  ...headWire(job, uuid, names),
  createdVia: facts.dialect === 'knime' ? choices.createdHere : choices.createdElsewhere,
  isOutdated: facts.isOutdated,
  isSwapped: facts.isSwapped,
  hasReport: false,
  discard: facts.discard,
  discardAfterSuccessfulExec: facts.discard,
  discardAfterFailedExec: facts.discard,
  configuration: {},
  notifications: {},
  actions: [],
  nodeMessages: facts.nodeMessages,
  inputParameters: facts.inputParameters,
  ...(isEmpty(facts.inputResources) ? {} : { inputResources: facts.inputResources }),
  ...(facts.outputValues === undefined ? {} : { outputValues: facts.outputValues }),
  ...(isEmpty(facts.outputResources) ? {} : { outputResources: facts.outputResources }),
  '@namespaces': namespaces,
  '@controls': controls,
});

const isEmpty = (value: object | undefined): boolean => value === undefined || Object.keys(value).length === 0;

/** Links of a job. A client of 2019 takes the text `{?async}` off the second and nothing else (reference trap 11). */
export const jobControls = (links: Links, uuid: string, workflow: string, template: JsonObject): Controls => ({
  self: control(links.job(uuid)),
  'knime:execute-job': control(`${links.job(uuid)}{?async}`, 'POST', {
    encoding: 'Json',
    title: 'Execute job',
    template,
  }),
  edit: control(links.job(uuid), 'PUT', { encoding: 'Json' }),
  'knime:delete': control(links.job(uuid), 'DELETE'),
  'knime:workflow': control(links.item(workflow)),
});
