import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { sendDownload } from '../../http/downloads.ts';
import type { ResponseDoc } from '../../http/routes.ts';
import { nameOf, type WorkspaceName } from './names.ts';
import { findWorkspace } from './workspaces.ts';

const file = { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } };

/** What an address answers that tells of an item, or gives its file to those who accept it. */
export const itemResponses = (item: { schema: z.ZodType; example: unknown }): Record<number, ResponseDoc> => ({
  200: { description: 'What is told of it, or the file.', content: { 'application/json': item, ...file } },
  206: { description: 'The part of the file that `Range` asks for.', content: file },
  304: { description: 'You have the file already: `If-None-Match` names it.' },
});
export const acceptHeader = {
  Accept: { description: '`application/octet-stream`: the file itself.', example: 'application/json' },
};

export const wantsFile = ({ headers }: FastifyRequest): boolean =>
  /\bapplication\/octet-stream\b/i.test(headers.accept ?? '');

/** The definition of a workspace as it was uploaded. */
export async function sendDefinition(
  request: FastifyRequest,
  reply: FastifyReply,
  context: DialectContext,
  name: WorkspaceName,
): Promise<FastifyReply> {
  const principal = caller(request);
  const { path, modifiedAt } = await findWorkspace(context, principal, name);
  const { text, hash } = await context.engine.workflows.source(principal, path);
  const bytes = Buffer.from(text);
  return sendDownload(request, reply, {
    name: nameOf(path).workspace,
    contentType: 'application/octet-stream',
    bytes: bytes.length,
    etag: hash,
    modifiedAt,
    open: async ({ start, end } = { start: 0, end: bytes.length - 1 }) =>
      Readable.from([bytes.subarray(start, end + 1)]),
  });
}
