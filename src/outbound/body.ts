import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { fail } from '../model/errors.ts';
import { communicationFailure, shown } from './failures.ts';

/** Codings one answer may be wrapped in; more is an attack, and each costs memory. */
const mostCodings = 3;

type Chunks = AsyncIterable<Buffer>;

/**
 * Reads a body, undoing its content codings (gzip, deflate, br), and stops at `maxBytes`, counted after
 * decompression and, against bodies that shrink, before. Gives also whether codings were undone.
 */
export async function readBody(
  source: Chunks,
  coding: string | undefined,
  maxBytes: number,
  url: URL,
): Promise<{ body: Buffer; decoded: boolean }> {
  const codings = (coding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const known = codings.every((name) => decoders[name] !== undefined);
  if (codings.length > mostCodings) {
    throw communicationFailure(url, `the answer is wrapped in ${codings.length} content codings`);
  }
  const wire = limited(source, maxBytes, url);
  if (codings.length === 0 || !known) return { body: await join(wire), decoded: false };

  // Answers without a body (HEAD, 304) name a coding too: there is nothing to undo.
  const first = await wire.next();
  if (first.done) return { body: Buffer.alloc(0), decoded: true };
  let plain: Chunks = prepended(first.value, wire);
  for (const name of codings.toReversed()) plain = decode(plain, name);
  try {
    return { body: await join(limited(plain, maxBytes, url)), decoded: true };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (/^(Z_|ERR_(_ERROR|BROTLI|PADDING|ZLIB))|BROTLI/.test(code)) {
      throw communicationFailure(url, `the answer is not valid ${coding}`, code, error);
    }
    throw error;
  }
}

const decoders: Record<string, ((first: Buffer) => Transform) | undefined> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // "deflate" means the zlib format (RFC 9110, section 8.4.1.2), yet some servers send it bare.
  deflate: (first) => (((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw()),
};

async function* decode(source: Chunks, name: string): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const decoder = decoders[name]!(first.value);
  const input = Readable.from(prepended(first.value, { [Symbol.asyncIterator]: () => iterator }));
  input.on('error', (error) => decoder.destroy(error));
  input.pipe(decoder);
  try {
    yield* decoder as Chunks;
  } finally {
    input.destroy();
    decoder.destroy();
  }
}

async function* prepended(first: Buffer, rest: Chunks): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* limited(source: Chunks, maxBytes: number, url: URL): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes, url);
    yield chunk;
  }
}

async function join(source: Chunks): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const tooLarge = (maxBytes: number, url: URL) =>
  fail('limit-exceeded', {
    detail: `The answer of ${shown(url)} has more than ${maxBytes} bytes, decompressed; the setting \`outbound.maxMiB\` (MILLRACE_OUTBOUND_MAX_MIB) allows more.`,
    extra: { kind: 'communication', url: shown(url) },
  });
