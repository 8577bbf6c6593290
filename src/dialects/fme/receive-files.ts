import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import type { Received, SharedPlace } from '../../engine/shared.ts';
import { caller } from '../../http/access.ts';
import { takeMultipart, uploadName } from '../../http/multipart.ts';
import { fail, isMillraceError, type MillraceError } from '../../model/errors.ts';
import { choices } from './choices.ts';
import { within } from './connections.ts';

/** What came with a multipart body: files that lie aside, files that could not be taken, and text fields. */
export interface Incoming {
  files: IncomingFile[];
  failed: FailedFile[];
  fields: Map<string, string>;
}

/** Lets a scope take multipart bodies with as many files as one upload may have. */
export const takeFiles = (scope: FastifyInstance, { limits }: DialectContext): Promise<void> =>
  takeMultipart(scope, limits, { files: choices.mostUploads, cutFiles: true });

export interface IncomingFile {
  name: string;
  received: Received;
}

export interface FailedFile {
  name: string;
  error: MillraceError;
}

/** A file at its place. */
export interface PlacedFile {
  name: string;
  size: number;
  place: SharedPlace;
  isNew: boolean;
}

/**
 * Reads a multipart body (see `takeFiles`) to its end; none of its files is seen by anybody before that, so a body that breaks off leaves
 * nothing. A file over the limit fails alone; a full disk fails all.
 */
export async function receiveFiles(request: FastifyRequest, context: DialectContext): Promise<Incoming> {
  const incoming: Incoming = { files: [], failed: [], fields: new Map() };
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') incoming.fields.set(part.fieldname, String(part.value ?? ''));
      else if (part.filename === '') part.file.resume();
      else await receiveOne(incoming, uploadName(part), part.file, context);
    }
    return incoming;
  } catch (error) {
    await discardFiles(context, incoming.files);
    throw error;
  }
}

/** A body that is one file, with nothing around it. */
export async function receiveBody(
  source: AsyncIterable<Uint8Array>,
  name: string,
  context: DialectContext,
): Promise<IncomingFile> {
  const { uploadBytes } = context.limits;
  try {
    return { name, received: await context.engine.shared.receive(source, uploadBytes) };
  } catch (error) {
    throw isMillraceError(error) && error.code === 'too-large' ? tooLarge(name, uploadBytes) : error;
  }
}

const tooLarge = (name: string, uploadBytes: number): MillraceError =>
  fail(
    'too-large',
    `${name} is larger than ${uploadBytes} bytes; the setting uploadLimit (MILLRACE_UPLOAD_LIMIT) changes that.`,
  );

async function receiveOne(
  incoming: Incoming,
  name: string,
  source: AsyncIterable<Uint8Array> & { readonly truncated: boolean },
  context: DialectContext,
): Promise<void> {
  const file = await receiveBody(source, name, context);
  if (!source.truncated) {
    incoming.files.push(file);
    return;
  }
  await context.engine.shared.discard(file.received);
  incoming.failed.push({ name, error: tooLarge(name, context.limits.uploadBytes) });
}

export async function discardFiles({ engine }: DialectContext, files: readonly IncomingFile[]): Promise<void> {
  for (const { received } of files) await engine.shared.discard(received);
}

/**
 * Puts files into a folder, one after another; those that cannot be are added to `failed`. Throws the first failure when
 * no file could be placed at all, and what is not the fault of a single file.
 */
export async function placeFiles(
  request: FastifyRequest,
  context: DialectContext,
  { files, failed }: Incoming,
  folder: SharedPlace,
  options: { overwrite: boolean },
): Promise<PlacedFile[]> {
  const principal = caller(request);
  const { shared } = context.engine;
  const placed: PlacedFile[] = [];
  try {
    for (const { name, received } of files) {
      const place = within(folder, name);
      try {
        const isNew = await shared.settle(principal, received, place, options);
        placed.push({ name, size: received.bytes, place, isNew });
      } catch (error) {
        if (!isMillraceError(error) || !ofOneFile.has(error.code)) throw error;
        failed.push({ name, error });
      }
    }
  } finally {
    await discardFiles(context, files);
  }
  if (placed.length === 0 && failed.length > 0) throw failed[0]!.error;
  return placed;
}

const ofOneFile: ReadonlySet<string> = new Set(['exists', 'conflict', 'invalid-path', 'not-found', 'too-large']);
