import type { Config } from '../config.ts';
import { fail, type Problem } from '../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { type Client, type ClientOptions, getClient, readArgument } from './client.ts';
import { exitCodes, type Output, problemText, show } from './output.ts';
import { readInput, readParameters } from './parameters.ts';

export interface RunOptions extends ClientOptions {
  parameter: readonly string[];
  input?: string;
  wait: boolean;
  queue?: string;
  idempotencyKey?: string;
}

/** How long one request waits for the end of the job, in seconds; the server may wait less. */
const LONG_POLL = 20;

/**
 * Submits a job. With `wait` its log goes to standard error as it comes, its output to standard output at the end, and
 * the exit code tells how it ended.
 */
export async function run(workflow: string, options: RunOptions, config: Config, output: Output): Promise<number> {
  const client = getClient(config, options);
  const path = workflow.startsWith('/') ? workflow : `/${workflow}`;
  if (options.input !== undefined && options.parameter.length > 0) {
    throw fail('invalid-input', 'Give the input by -p or by --input, not by both.');
  }
  const input = await inputOf(client, path, options);
  const body: JsonObject = { workflow: path, input, ...(options.queue === undefined ? {} : { queue: options.queue }) };
  const headers: Record<string, string> =
    options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey };
  const { body: created } = await client.send('POST', '/jobs', { body, headers });
  if (!isJsonObject(created)) throw fail('startup', 'The server answered something that is no job.');
  const job = { id: Number(created['id']), state: String(created['state']) };
  if (!options.wait) {
    show(output, created, `Job ${job.id} is ${job.state}: ${client.url}/jobs/${job.id}`);
    return exitCodes.done;
  }
  return follow(client, job.id, output);
}

async function inputOf(client: Client, path: string, options: RunOptions): Promise<Json> {
  if (options.input !== undefined) return readInput(readArgument(options.input));
  if (options.parameter.length === 0) return {};
  const { body } = await client.send('GET', `/workflows${encodePath(path)}:parameters`);
  return readParameters(options.parameter, schemaIn(body));
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const schemaIn = (body: Json): JsonObject | undefined => {
  const schema = isJsonObject(body) ? (body['schema'] ?? body) : undefined;
  return isJsonObject(schema) ? schema : undefined;
};

async function follow(client: Client, id: number, output: Output): Promise<number> {
  const leave = new AbortController();
  const stop = () => leave.abort();
  process.once('SIGINT', stop);
  const lines = followLog(client, id, output, leave.signal).catch(() => undefined);
  try {
    const result = await untilFinal(client, id, leave.signal);
    // The last lines are under way when the result is there; a stream that does not end is not waited for.
    await Promise.race([lines, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    return report(result, id, output);
  } catch (error) {
    if (!leave.signal.aborted) throw error;
    output.note(`Job ${id} goes on. Look at it with: curl ${client.url}/jobs/${id}/result`);
    return exitCodes.interrupted;
  } finally {
    leave.abort();
    process.off('SIGINT', stop);
  }
}

async function untilFinal(client: Client, id: number, signal: AbortSignal): Promise<JsonObject> {
  for (;;) {
    const path = `/jobs/${id}/result?longPoll=true&longPollInterval=${LONG_POLL}`;
    const { status, body } = await client.send('GET', path, { signal });
    if (status === 200 && isJsonObject(body)) return body;
  }
}

async function followLog(client: Client, id: number, output: Output, signal: AbortSignal): Promise<void> {
  for await (const { event, data } of client.events(`/jobs/${id}/log?follow=true`, { signal })) {
    if (event === 'line') output.note(logText(data));
  }
}

function logText(data: string): string {
  const { at, level, step, text } = JSON.parse(data) as { at: string; level: string; step?: string; text: string };
  const head = [at.slice(11, 19), step, level === 'info' ? undefined : level].filter(Boolean).join('  ');
  return `${head}  ${text.trimEnd().replaceAll('\n', '\n    ')}`;
}

function report(result: JsonObject, id: number, output: Output): number {
  const state = String(result['state']);
  if (state === 'completed') {
    show(output, result, JSON.stringify(result['output'] ?? null, null, 2));
    return exitCodes.done;
  }
  if (output.format === 'json') output.out(JSON.stringify(result, null, 2));
  else output.note(`Job ${id} ${state === 'cancelled' ? 'was cancelled' : 'failed'}${reasonOf(result)}`);
  return state === 'cancelled' ? exitCodes.cancelled : exitCodes.failed;
}

function reasonOf(result: JsonObject): string {
  const error = result['error'];
  if (!isJsonObject(error)) return typeof result['cancelReason'] === 'string' ? `: ${result['cancelReason']}` : '.';
  const problem = error as unknown as Problem;
  const place = problem.instance === undefined ? '' : ` at ${problem.instance}`;
  return `${place}: ${problemText(problem)}`;
}
