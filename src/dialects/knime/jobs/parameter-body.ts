import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { takeMultipart, uploadName } from '../../../http/multipart.ts';
import { atMost, wholeOf } from '../../../model/byte-stream.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import type { NewFile } from '../../../model/job.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { JSON_TYPE, MASON_TYPE } from '../mason.ts';
import { parseExact } from '../parameters/exact-json.ts';
import { findParameter } from '../parameters/names.ts';
import { parametersOf } from '../parameters/parameters.ts';

/** Lets a scope take parameters: JSON whose numbers stay exact, Mason, and forms with files. */
export async function takeParameters(scope: FastifyInstance, { limits }: DialectContext): Promise<void> {
  scope.removeContentTypeParser([JSON_TYPE, MASON_TYPE]);
  scope.addContentTypeParser<string>([JSON_TYPE, MASON_TYPE], { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body.trim() === '' ? undefined : parseExact(body));
    } catch (error) {
      done(error as Error);
    }
  });
  // Clients name some type for the body they do not send: curl -d '' and Java's HttpURLConnection that of a form.
  scope.addContentTypeParser<string>('*', { parseAs: 'string' }, ({ headers }, body, done) => {
    if (body === '') done(null, undefined);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(headers['content-type']));
  });
  // A part for each parameter. JSON is read here: the plug-in would parse it with numbers that are not exact.
  await takeMultipart(scope, limits, { files: 200, fields: 200, nameBytes: 300, unread: JSON_TYPE });
}

/** Parameters of a request and the files that came with them, in the files of the job under these names. */
export interface Sent {
  values: JsonObject;
  files: NewFile[];
}

/**
 * Reads parameters from a JSON object, from a form (reference section 11), or from nothing at all. `before`: the input the
 * job has already, whose other files keep their names.
 */
export async function readParameters(
  request: FastifyRequest,
  context: DialectContext,
  { info }: WorkflowVersion,
  before: Json = {},
): Promise<Sent> {
  if (!request.isMultipart()) {
    const body = request.body ?? {};
    if (isJsonObject(body)) return { values: body, files: [] };
    throw fail('invalid-input', {
      detail: 'The body must be a JSON object of parameter names and values.',
      errors: [{ pointer: '', message: 'Accepted is an object such as {"input-2": {…}}.' }],
    });
  }
  try {
    return await readForm(request, context, info, before);
  } catch (error) {
    // What the reader of forms says of a broken one is an error of the request.
    if (isMillraceError(error) || !(error instanceof Error) || !brokenForm.test(error.message)) throw error;
    throw fail('invalid-input', {
      detail: `The form cannot be read: ${error.message}.`,
      errors: [{ pointer: '', message: 'Accepted is multipart/form-data with all its parts.' }],
      cause: error,
    });
  }
}

const brokenForm = /multipart|malformed|terminated early|unexpected end|boundary/i;

async function readForm(
  request: FastifyRequest,
  context: DialectContext,
  info: WorkflowVersion['info'],
  before: Json,
): Promise<Sent> {
  const { uploadBytes, bodyBytes } = context.limits;
  const values: JsonObject = {};
  const files: NewFile[] = [];
  for await (const part of request.parts()) {
    const name = part.fieldname;
    if (part.type === 'field') {
      if (part.valueTruncated) throw tooLarge(name, bodyBytes, 'bodyLimit');
      values[name] = readText(String(part.value ?? ''), part.mimetype);
      continue;
    }
    if (isFileParameter(info, name)) {
      const file = fileName(uploadName(part), name, [
        ...files.map((one) => one.name),
        ...otherFiles(info, name, before),
      ]);
      files.push(await context.engine.logs.storeFile(caller(request), file, part.mimetype, part.file, uploadBytes));
      if (part.file.truncated) throw tooLarge(name, uploadBytes, 'uploadLimit');
      values[name] = file;
    } else {
      values[name] = readText(await textOf(part.file, name, bodyBytes), part.mimetype);
    }
  }
  return { values, files };
}

function isFileParameter({ inputSchema }: WorkflowVersion['info'], name: string): boolean {
  const parameters = parametersOf(inputSchema);
  // A workflow that declares nothing gets every file as one.
  return parameters.length === 0 || findParameter(parameters, name).kind === 'file';
}

/** JSON where it is declared so or can be read as such, else text. */
export function readText(text: string, type = ''): Json {
  if (type.startsWith(JSON_TYPE)) return parseExact(text);
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** A file's name; one that another parameter has already gets the parameter's name in front. */
function fileName(sent: string, parameter: string, taken: readonly string[]): string {
  const unfit = sent === '' || sent === '.' || sent === '..' || taken.includes(sent);
  return unfit ? `${parameter.replace(/[^\w.-]/g, '_')}-${sent}` : sent;
}

/** Names of the files that other parameters have. */
function otherFiles({ inputSchema }: WorkflowVersion['info'], parameter: string, before: Json): string[] {
  if (!isJsonObject(before)) return [];
  return parametersOf(inputSchema)
    .filter(({ kind, name, wireName }) => kind === 'file' && name !== parameter && wireName !== parameter)
    .map(({ name }) => before[name])
    .filter((file): file is string => typeof file === 'string');
}

async function textOf(stream: AsyncIterable<Buffer>, name: string, most: number): Promise<string> {
  return (await wholeOf(atMost(stream, most, () => tooLarge(name, most, 'bodyLimit')))).toString('utf8');
}

const tooLarge = (name: string, bytes: number, setting: string) =>
  fail('too-large', `Part "${name}" is larger than ${bytes} bytes; the setting ${setting} changes that.`);
