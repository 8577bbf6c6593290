import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { isStream } from '../../../http/bodies.ts';
import { fileNameIn, plainName } from '../../../http/disposition.ts';
import { parseJson } from '../../../http/json-text.ts';
import { uploadName } from '../../../http/multipart.ts';
import { atMost, wholeOf } from '../../../model/byte-stream.ts';
import { fail } from '../../../model/errors.ts';
import type { NewFile } from '../../../model/job.ts';
import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import { endingOf } from '../../../model/media-types.ts';
import type { Workflow } from '../../../model/workflow.ts';
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
 * values. Files of a multipart form go to the parameters their fields are named after. Streamed to disk; throws
 * `too-large`, `unsupported-media-type`.
 */
export async function readSource(
  request: FastifyRequest,
  context: DialectContext,
  workflow: Workflow,
): Promise<Source> {
  if (request.isMultipart()) return readFormWithFiles(request, context, workflow);
  const { body } = request;
  if (body === undefined || body === null) return nothing;
  if (!isStream(body)) return { values: body, files: [] };
  const type = request.headers['content-type'] ?? '';
  const parameter = sourceParameter(workflow);
  if (parameter === undefined && /^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    const text = await readText(body, context.limits.bodyBytes);
    return text.trim() === '' ? nothing : { values: objectOf(text), files: [] };
  }
  return storeSource(request, context, parameter, body);
}

/** A file whose field is no parameter is the source. */
async function readFormWithFiles(
  request: FastifyRequest,
  { engine, limits }: DialectContext,
  workflow: Workflow,
): Promise<Source> {
  const parameters = parametersWithValues(workflow);
  const values = new Map<string, string[]>();
  const files: NewFile[] = [];
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      values.set(part.fieldname, [...(values.get(part.fieldname) ?? []), String(part.value ?? '')]);
      continue;
    }
    if (part.filename === '') {
      part.file.resume();
      continue;
    }
    const parameter = parameters.find(({ name }) => name === part.fieldname) ?? sourceParameter(workflow);
    if (parameter === undefined) throw noSource();
    const name = plainName(uploadName(part)) ?? `source.${endingOf(part.mimetype)}`;
    if (files.some((file) => file.name === name)) {
      throw fail('invalid-input', `Two files are named ${JSON.stringify(name.slice(0, 100))}.`);
    }
    files.push(await engine.logs.storeFile(caller(request), name, part.mimetype, part.file, limits.uploadBytes));
    if (part.file.truncated) throw fail('too-large', `A file is larger than ${limits.uploadBytes} bytes.`);
    values.set(parameter.name, [...(values.get(parameter.name) ?? []), name]);
  }
  const plain = [...values].map(([name, given]) => [name, given.length === 1 ? given[0]! : given]);
  return { values: Object.fromEntries(plain), files };
}

/**
 * Stores the body of a request as a file of the job to come, and gives its name to a parameter. Without one, a body that
 * is not empty is refused with `refusal`.
 */
export async function storeSource(
  request: FastifyRequest,
  { engine, limits }: DialectContext,
  parameter: Parameter | undefined,
  body: AsyncIterable<Uint8Array>,
  refusal = 415,
): Promise<Source> {
  if (parameter === undefined) {
    for await (const chunk of body) if (chunk.length > 0) throw noSource(refusal);
    return nothing;
  }
  const contentType = (request.headers['content-type'] ?? 'application/octet-stream').slice(0, 200);
  const name = fileNameIn(request.headers['content-disposition']) ?? `source.${endingOf(contentType)}`;
  const file = await engine.logs.storeFile(caller(request), name, contentType, body, limits.uploadBytes);
  if (file.bytes === 0) return nothing;
  return { values: { [parameter.name]: name }, files: [file] };
}

/** The parameter the source of a run goes to: the one marked `x-fme-source`, else the first that is a file. */
export function sourceParameter(workflow: Workflow): Parameter | undefined {
  const parameters = parametersWithValues(workflow);
  return (
    parameters.find(({ schema }) => schema['x-fme-source'] === true) ?? parameters.find(({ kind }) => kind === 'file')
  );
}

const parametersWithValues = (workflow: Workflow): Parameter[] =>
  withValues(parametersOf(workflow.current?.info.inputSchema));

function objectOf(text: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw fail(
    'invalid-input',
    'This workspace has no parameter for a source file; a JSON body must be an object of values.',
  );
}

async function readText(body: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const tooLarge = () =>
    fail('too-large', `The body is larger than ${most} bytes; the setting bodyLimit changes that.`);
  return (await wholeOf(atMost(body, most, tooLarge))).toString('utf8');
}

/** A body that has nowhere to go. */
const noSource = (status = 415) =>
  fail('unsupported-media-type', {
    status,
    detail:
      'This workspace has no parameter for a source file. Send values: Content-Type: application/x-www-form-urlencoded or application/json',
  });
