import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fail } from '../model/errors.ts';
import type { JobFile } from '../model/job.ts';

/** A file to answer with; `open` streams all of it or a range with both ends inclusive. */
export interface Download {
  name: string;
  contentType: string;
  bytes: number;
  /** Content hash: the same bytes have the same tag for ever. */
  etag: string;
  modifiedAt?: number;
  open(range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>;
}

/** A file of a job as a download. */
export const jobFileDownload = (file: JobFile & Pick<Download, 'open'>): Download => ({
  name: file.name,
  contentType: file.contentType,
  bytes: file.bytes,
  etag: file.blob,
  modifiedAt: file.createdAt,
  open: file.open,
});

/**
 * Answers with a file: ETag and `If-None-Match` (RFC 9110, 13), one byte range and `If-Range` (14), always as an
 * attachment under its own name and never sniffed, so that no file a job left can act as a page of this server.
 */
export async function sendDownload(
  request: FastifyRequest,
  reply: FastifyReply,
  file: Download,
): Promise<FastifyReply> {
  const etag = `"${file.etag}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'content-disposition': contentDisposition(file.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-cache',
    ...(file.modifiedAt === undefined ? {} : { 'last-modified': new Date(file.modifiedAt).toUTCString() }),
  });
  if (matchesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  const ifRange = request.headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = request.method === 'GET' ? parseRange(wanted, file.bytes) : undefined;
  reply.type(file.contentType);
  if (range === undefined) {
    reply.header('content-length', file.bytes);
    // An empty stream: without any, Fastify would write a length of its own.
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    return reply.send(Readable.from(await file.open(), { objectMode: false }));
  }
  reply.code(206).headers({
    'content-range': `bytes ${range.start}-${range.end}/${file.bytes}`,
    'content-length': range.end - range.start + 1,
  });
  return reply.send(Readable.from(await file.open(range), { objectMode: false }));
}

/** True when a list of entity tags, or `*`, names this one; weak comparison. */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/**
 * One range of a `Range` header; undefined means the whole file (no header, another unit, several ranges, or one that
 * is not written as the RFC wants, all of which a server may ignore). Throws `range-not-satisfiable`.
 */
export function parseRange(header: string | undefined, bytes: number): { start: number; end: number } | undefined {
  const match = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const last = bytes - 1;
  const fromEnd = match[1] === '';
  const start = fromEnd ? Math.max(0, bytes - Number(match[2])) : Number(match[1]);
  const end = fromEnd || match[2] === '' ? last : Math.min(Number(match[2]), last);
  if (!fromEnd && match[2] !== '' && Number(match[2]) < start) return undefined;
  if (start > last || (fromEnd && Number(match[2]) === 0)) {
    throw fail('range-not-satisfiable', {
      detail: `The file has ${bytes} bytes; the range begins behind its end.`,
      headers: { 'content-range': `bytes */${bytes}` },
    });
  }
  return { start, end };
}

/** `Content-Disposition` for any name a file can have (RFC 6266, RFC 8187): no quote or control character gets out. */
export function contentDisposition(name: string): string {
  // Through bytes and back, because half a surrogate pair cannot be encoded.
  const base = Buffer.from(name.split('/').at(-1)!.slice(0, 200)).toString() || 'file';
  const plain = base.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(base).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // Simple clients take all that follows `filename=`: the second form is sent only where the first is not the name.
  return `attachment; filename="${plain}"${plain === base ? '' : `; filename*=UTF-8''${encoded}`}`;
}
