import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Executed } from '../../../engine/executions.ts';
import { caller } from '../../../http/access.ts';
import { isFinal, type Job, type JobState } from '../../../model/job.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import type { Principal } from '../../../model/principal.ts';
import { hideSealed } from '../../../model/sealed.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { choices } from '../choices.ts';
import { linksOf } from '../links.ts';
import { sendMason } from '../mason.ts';
import { HIDDEN } from '../parameters/credential.ts';
import { inputResources, templateOf, writeInputs } from '../parameters/inputs.ts';
import { writeOutputs, writeResources } from '../parameters/outputs.ts';
import type { Face } from './face.ts';
import { uuidOf } from './find-job.ts';
import { jobControls, jobWire } from './job-wire.ts';
import { endMessage, logMessages, type NodeMessage } from './node-messages.ts';

/** Lines of a log that are looked through for warnings. */
const LINES = 1_000;

/** Answers with a job document; numbers in it are written as exactly as they are known. */
export async function sendJob(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  job: Job,
): Promise<FastifyReply> {
  const { engine } = face;
  const principal = caller(request);
  const version = await engine.jobs.definition(job);
  const { inputSchema, outputSchema } = version.info;
  const input = hideSealed(await engine.jobs.readPayload(job.input), HIDDEN);
  const output = job.output === undefined ? undefined : await engine.jobs.readPayload(job.output);
  const resources = await outputResources(face, principal, job, version, output);
  const uuid = uuidOf(face, job);
  const facts = {
    dialect: job.dialect,
    isOutdated: await isOutdated(face, principal, job),
    isSwapped: face.swapped.has(uuid),
    discard: job.discard === true,
    nodeMessages: await messagesOf(face, principal, job),
    inputParameters: writeInputs(inputSchema, input),
    inputResources: inputResources(inputSchema, input),
    outputValues: outputValues(outputSchema, job.state, output),
    outputResources: Object.fromEntries([...resources.keys()].map((name) => [name, name])),
  };
  const controls = jobControls(linksOf(request, face), uuid, job.workflow, templateOf(inputSchema, input));
  return sendMason(request, reply, jobWire(job, uuid, face.stateNames, facts, controls));
}

/** Answers a run in one step: the job is gone already, so nothing can be done with it. */
export async function sendExecuted(
  request: FastifyRequest,
  reply: FastifyReply,
  face: Face,
  { id, uuid, ran, outcome, durationMs }: Extract<Executed, { kind: 'finished' }>,
  { info }: WorkflowVersion,
): Promise<FastifyReply> {
  const input = hideSealed(await face.engine.jobs.readPayload(ran.input), HIDDEN);
  const output = outcome.kind === 'completed' ? await face.engine.jobs.readPayload(outcome.output) : undefined;
  const end = {
    error: outcome.kind === 'failed' ? outcome.error : undefined,
    cancelReason: outcome.kind === 'cancelled' ? outcome.reason : undefined,
  };
  const { workflow, owner, createdAt } = ran;
  const told = {
    workflow,
    owner,
    createdAt,
    state: outcome.kind,
    startedAt: ran.startedAt ?? createdAt,
    finishedAt: ran.finishedAt ?? Math.round(createdAt + durationMs),
  };
  const facts = {
    dialect: 'knime',
    isOutdated: false,
    isSwapped: false,
    discard: true,
    nodeMessages: endMessage(id, workflow, end),
    inputParameters: writeInputs(info.inputSchema, input),
    inputResources: inputResources(info.inputSchema, input),
    outputValues: outputValues(info.outputSchema, outcome.kind, output),
  };
  return sendMason(request, reply, jobWire(told, uuid, face.stateNames, facts, {}));
}

/** Of a run that failed there are none; before the end of a run nobody knows (reference section 9.5). */
function outputValues(schema: JsonObject | undefined, state: JobState, output: Json | undefined) {
  if (output !== undefined) return writeOutputs(schema, output);
  return state === 'failed' ? {} : undefined;
}

/** File outputs of a job that has ended: names clients ask for, and the files behind them. */
export async function outputResources(
  { engine }: Face,
  principal: Principal,
  job: Job,
  { info }: WorkflowVersion,
  output: Json | undefined,
): Promise<Map<string, string>> {
  if (job.state !== 'completed') return new Map();
  const files = await engine.logs.files(principal, job.id);
  const made = files.filter(({ direction }) => direction === 'out').map(({ name }) => name);
  return writeResources(info.outputSchema, output ?? null, made);
}

/** The workflow was changed since the job was made, or is gone. */
export async function isOutdated({ engine }: Face, principal: Principal, job: Job): Promise<boolean> {
  const workflow = await engine.workflows.get(principal, job.workflow).catch(() => undefined);
  return workflow?.current?.hash !== job.version;
}

/** While a job runs it says nothing: clients poll it many times a second. */
async function messagesOf({ engine }: Face, principal: Principal, job: Job): Promise<NodeMessage[]> {
  const { id, workflow, error } = job;
  if (!isFinal(job.state)) return [];
  const count = (await engine.logs.counts([job])).get(id);
  const any = (count?.warnings ?? 0) + (count?.errors ?? 0) > 0;
  const lines = any ? (await engine.logs.log(principal, id, { limit: LINES })).lines : [];
  const cancelReason = job.state === 'cancelled' ? (job.cancelReason ?? '') : undefined;
  return [
    ...logMessages(id, workflow, lines).slice(-choices.mostNodeMessages),
    ...endMessage(id, workflow, { error, cancelReason }),
  ];
}
