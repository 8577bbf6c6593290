import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { fileNameIn } from '../../../http/disposition.ts';
import { parseJson } from '../../../http/json-text.ts';
import { fail } from '../../../model/errors.ts';
import type { NewFile } from '../../../model/job.ts';
import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import { endingOf } from '../../../model/media-types.ts';
import type { Workflow } from '../../../model/workflow.ts';
import { typesOf } from '../parameter-kinds.ts';
import { type Parameter, parametersOf, withValues } from '../parameters.ts';

/** What a body is to the workspace: values by name, or a file and the parameter that names it. */
export interface Source {
  values: object;
  files: NewFile[];
}

const nothing: Source = { values: {}, files: [] };

/**
 * The body of a call (reference section 10): a form's fields are values; anything else is the source dataset and goes
 * to the source parameter of the workspace as a file. JSON for a workspace without such a parameter is an object of
 * values. Streamed to disk; throws `too-large`, `unsupported-media-type`.
 */
export async function readSource(
  request: FastifyRequest,
  context: DialectContext,
  workflow: Workflow,
): Promise<Source> {
  const { body } = request;
  if (body === undefined || body === null) return nothing;
  if (!isStream(body)) return { values: body, files: [] };
  const type = request.headers['content-type'] ?? '';
  const parameter = sourceParameter(workflow);
  if (parameter !== undefined) return storeSource(request, context, parameter, body);
  if (/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    const text = await readText(body, context.limits.bodyBytes);
    return text.trim() === '' ? nothing : { values: objectOf(text), files: [] };
  }
  for await (const chunk of body as AsyncIterable<Buffer>) if (chunk.length > 0) throw noSource();
  return nothing;
}

/** Stores the body of a request as a file of the job to come, and gives its name to a parameter. */
export async function storeSource(
  request: FastifyRequest,
  { engine, limits }: DialectContext,
  parameter: Parameter,
  body: IncomingMessage,
): Promise<Source> {
  const contentType = (request.headers['content-type'] ?? 'application/octet-stream').slice(0, 200);
  const name = fileNameIn(request.headers['content-disposition']) ?? `source.${endingOf(contentType)}`;
  const file = await engine.logs.storeFile(caller(request), name, contentType, body, limits.uploadBytes);
  if (file.bytes === 0) return nothing;
  return { values: { [parameter.name]: nameFor(parameter, name) }, files: [file] };
}

/** The parameter the source of a run goes to: the one marked `x-fme-source`, else the first that is a file. */
export function sourceParameter(workflow: Workflow): Parameter | undefined {
  const parameters = withValues(parametersOf(workflow.current?.info.inputSchema));
  return (
    parameters.find(({ schema }) => schema['x-fme-source'] === true) ?? parameters.find(({ kind }) => kind === 'file')
  );
}

/** A value for a parameter that takes one file or several. */
export const nameFor = ({ schema }: Parameter, name: string): string | string[] =>
  typesOf(schema).includes('array') ? [name] : name;

const isStream = (body: unknown): body is IncomingMessage =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

function objectOf(text: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw fail(
    'invalid-input',
    'This workspace has no parameter for a source file; a JSON body must be an object of values.',
  );
}

async function readText(body: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most)
      throw fail('too-large', `The body is larger than ${most} bytes; the setting bodyLimit changes that.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A body that has nowhere to go. */
export const noSource = (status = 415) =>
  fail('unsupported-media-type', {
    status,
    detail:
      'This workspace has no parameter for a source file. Send values: Content-Type: application/x-www-form-urlencoded or application/json',
  });
