import multipart, { type FastifyMultipartOptions } from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';

export interface MultipartOptions {
  /** Files one body may have; default 100. */
  files?: number;
  /** Text fields it may have; default 100. */
  fields?: number;
  /** Longest name of a field, in bytes; default 100. */
  nameBytes?: number;
  /** A file that is too large does not end the others: its stream is cut and says so (`truncated`). */
  cutFiles?: boolean;
  /** Parts whose media type begins like this come as files too, unread. */
  unread?: string;
}

/** Lets a scope take multipart bodies. Only its routes may: everywhere else they are refused unread. */
export async function takeMultipart(
  scope: FastifyInstance,
  { bodyBytes, uploadBytes }: { bodyBytes: number; uploadBytes: number },
  { files = 100, fields = 100, nameBytes = 100, cutFiles = false, unread }: MultipartOptions = {},
): Promise<void> {
  const settings: FastifyMultipartOptions = {
    throwFileSizeLimit: !cutFiles,
    limits: {
      fieldNameSize: nameBytes,
      fields,
      files,
      parts: files + fields,
      headerPairs: 20,
      fieldSize: bodyBytes,
      fileSize: uploadBytes,
    },
    isPartAFile: (_name: string | undefined, type: string | undefined, filename: string | undefined) =>
      filename !== undefined ||
      type === 'application/octet-stream' ||
      (unread !== undefined && type?.startsWith(unread) === true),
  };
  await new Promise<void>((resolve, reject) => {
    multipart(withoutHooks(scope), settings, (error?: Error) => (error ? reject(error) : resolve()));
  });
}

/**
 * The same scope, to which the plug-in adds no hooks. It has two for each request, also one without parts, that clean up
 * files it saved to disk; here parts are streamed and none is saved. They cost a plain submit as much as its answer.
 */
const withoutHooks = (scope: FastifyInstance): FastifyInstance =>
  new Proxy(scope, {
    get(target, key): unknown {
      if (key === 'addHook') return () => target;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** The name of an uploaded file, without the folders some clients send along; that of its field when it has none. */
export function uploadName(part: { filename?: string | undefined; fieldname: string }): string {
  // Browsers write a quote in a file name as %22 (HTML, multipart/form-data encoding algorithm).
  return (part.filename || part.fieldname).replaceAll('%22', '"').split(/[\\/]/).at(-1)!;
}
