import multipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';

/** Bounds of one multipart body: what a form with files needs, and no more. */
const bounds = { fieldNameSize: 100, fields: 100, files: 100, parts: 200, headerPairs: 20 };

/**
 * Lets a scope take multipart bodies. Only its routes may: everywhere else they are refused unread. With `files`, so many
 * are taken, and one that is too large does not end the others: its stream is cut and says so (`truncated`).
 */
export async function takeMultipart(
  scope: FastifyInstance,
  limits: { bodyBytes: number; uploadBytes: number },
  files?: number,
): Promise<void> {
  const { bodyBytes, uploadBytes } = limits;
  await scope.register(multipart, {
    throwFileSizeLimit: files === undefined,
    limits: {
      ...bounds,
      ...(files === undefined ? {} : { files, parts: files + bounds.fields }),
      fieldSize: bodyBytes,
      fileSize: uploadBytes,
    },
  });
}

/** The name of an uploaded file, without the folders some clients send along; that of its field when it has none. */
export function uploadName(part: { filename?: string | undefined; fieldname: string }): string {
  // Browsers write a quote in a file name as %22 (HTML, multipart/form-data encoding algorithm).
  return (part.filename || part.fieldname).replaceAll('%22', '"').split(/[\\/]/).at(-1)!;
}
