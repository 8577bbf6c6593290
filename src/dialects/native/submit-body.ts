import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { parseJson } from '../../http/json-text.ts';
import { memberText } from '../../http/member-text.ts';
import { uploadName } from '../../http/multipart.ts';
import { fail } from '../../model/errors.ts';
import type { NewFile } from '../../model/job.ts';
import { isJsonObject, type Json } from '../../model/json.ts';

export interface Submitted {
  /** The JSON body, or the part that holds it. */
  body: unknown;
  files: NewFile[];
  /** The text of its member `input`, where that can be taken over as it came. */
  inputText?: string | undefined;
}

/**
 * Reads a submit in either form. In a multipart body the part named `part` holds what the JSON body would; every further
 * text field `x` becomes `input.x`; every file is stored as an input file of the job under its own name, and that name
 * becomes `input.<field>` unless the input has it already. Files are streamed to disk as they come, in any order. A plain
 * body is there at once: nearly every submit is one, and is spared a promise.
 */
export const readSubmit = (
  request: FastifyRequest,
  context: DialectContext,
  part: 'job' | 'input',
): Submitted | Promise<Submitted> =>
  request.isMultipart()
    ? readForm(request, context, part)
    : {
        body: request.body,
        files: [],
        inputText: part === 'job' ? memberText(request.jsonText, 'input') : undefined,
      };

async function readForm(request: FastifyRequest, context: DialectContext, part: 'job' | 'input'): Promise<Submitted> {
  const principal = caller(request);
  const files: NewFile[] = [];
  const fields = new Map<string, Json>();
  let body: Json | undefined;
  for await (const piece of request.parts()) {
    if (piece.type === 'file') {
      const name = uploadName(piece);
      if (files.some((file) => file.name === name)) {
        throw fail('invalid-input', `Two files are named ${JSON.stringify(name.slice(0, 100))}.`);
      }
      const { uploadBytes } = context.limits;
      files.push(await context.engine.logs.storeFile(principal, name, piece.mimetype, piece.file, uploadBytes));
      if (piece.file.truncated) {
        throw fail('too-large', `A file is larger than ${uploadBytes} bytes; the setting uploadLimit changes that.`);
      }
      if (!fields.has(piece.fieldname)) fields.set(piece.fieldname, name);
    } else {
      // A field that says it is JSON was parsed by the reader of forms; its text still has to pass our checks.
      const { value = '' } = piece;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (piece.fieldname === part) body = parseJson(text);
      else fields.set(piece.fieldname, piece.mimetype === 'application/json' ? parseJson(text) : text);
    }
  }
  return { body: part === 'job' ? withFields(body ?? {}, fields) : mergeInput(body, fields), files };
}

function withFields(body: Json, fields: ReadonlyMap<string, Json>): Json {
  if (fields.size === 0 || !isJsonObject(body)) return body;
  return { ...body, input: mergeInput(body['input'], fields) };
}

function mergeInput(input: Json | undefined, fields: ReadonlyMap<string, Json>): Json {
  if (fields.size === 0) return input ?? {};
  if (input !== undefined && !isJsonObject(input)) {
    throw fail('invalid-input', 'With further fields or files the input must be an object.');
  }
  return { ...Object.fromEntries(fields), ...input };
}
