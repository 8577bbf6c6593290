import type { FastifyRequest } from 'fastify';
import { fail } from '../../../model/errors.ts';
import { choices } from '../choices.ts';
import { namesIn } from '../connections.ts';
import type { WorkspaceName } from '../names.ts';

/** What the address of an upload names. */
export interface UploadAddress extends WorkspaceName {
  /** Older clients send it behind the workspace: `a.fmw;jsessionid=1`. */
  session?: string;
  /** The file to be written. */
  file?: string;
  /** Names below the folder of the upload that are to be listed. */
  below: string[];
}

/**
 * Takes an address apart: `/repository/workspace.fmw`, then for `file` the name of the file, for `read` names of folders
 * of the upload. A workspace without its ending is the last name, or the one before the file.
 */
export function addressOf(request: FastifyRequest, form: 'read' | 'file'): UploadAddress {
  const names = namesIn((request.params as { '*': string })['*']);
  const { workspaceSuffix } = choices;
  const marked = names.findIndex((name) => withoutSession(name).name.endsWith(workspaceSuffix));
  const isFile = form === 'file';
  // With the file last, a file of that ending is no workspace.
  const at = marked < 0 || (isFile && marked === names.length - 1) ? names.length - (isFile ? 2 : 1) : marked;
  const rest = names.slice(at + 1);
  if (at < 1 || (isFile && rest.length !== 1))
    throw fail('not-found', `There is no ${request.method} /${names.join('/').slice(0, 200)} here.`);
  const { name, session } = withoutSession(names[at]!);
  return {
    repository: names.slice(0, at).join('/'),
    workspace: name,
    ...(session === undefined ? {} : { session }),
    ...(isFile ? { file: rest[0]! } : {}),
    below: isFile ? [] : rest,
  };
}

function withoutSession(text: string): { name: string; session?: string } {
  const found = /^(.*?);jsessionid=([^;]+)$/i.exec(text);
  return found === null ? { name: text } : { name: found[1]!, session: found[2]! };
}
