import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import type { IncomingFile } from '../../engine/uploads.ts';
import { caller } from '../../http/access.ts';
import { uploadName } from '../../http/multipart.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import { fieldError } from './bean-validation.ts';
import { asDefinition } from './definition-names.ts';
import { nameOf, type WorkspaceName } from './names.ts';
import { findRepository } from './workspaces.ts';

const FIELD = 'file';

/**
 * Puts the files of a multipart body into a repository, all or none: a workspace and what lies beside it. `named`: the one
 * file is that workspace, whatever it is called. Answers the names of the workspaces among them.
 */
export async function upload(
  request: FastifyRequest,
  context: DialectContext,
  repository: string,
  options: { overwrite: boolean; named?: string },
): Promise<WorkspaceName[]> {
  const principal = caller(request);
  const folder = await findRepository(context, principal, repository);
  if (!request.isMultipart()) {
    throw fail('unsupported-media-type', `Send the file in the field ${FIELD} of a multipart/form-data body.`);
  }
  const { uploadBytes } = context.limits;
  try {
    const { overwrite, named } = options;
    const files = filesOf(request, uploadBytes, named);
    const put = await context.engine.uploads.put(principal, folder, files, { overwrite, maxBytes: uploadBytes });
    return put.map(({ path }) => nameOf(path));
  } catch (error) {
    if (isMillraceError(error) && error.code === 'invalid-input' && error.options.errors === undefined) {
      throw fieldError(FIELD, error.message);
    }
    if (isMillraceError(error) && error.code === 'invalid-path') throw fieldError(FIELD, error.message);
    throw error;
  }
}

async function* filesOf(
  request: FastifyRequest,
  uploadBytes: number,
  named: string | undefined,
): AsyncIterable<IncomingFile> {
  let count = 0;
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue;
    count += 1;
    if (named !== undefined && count > 1) throw fail('invalid-input', 'Only one file can replace a workspace.');
    yield await asDefinition({ name: named ?? uploadName(part), content: part.file });
    if (part.file.truncated) throw fail('too-large', `A file is larger than ${uploadBytes} bytes.`);
  }
}
