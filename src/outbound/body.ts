import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { atMost, peek, wholeOf } from '../model/byte-stream.ts';
import { fail } from '../model/errors.ts';
import { communicationFailure, shown } from './failures.ts';

/** Codings one answer may be wrapped in; more is an attack, and each costs memory. */
const mostCodings = 3;

type Chunks = AsyncIterable<Uint8Array>;

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
  const wire = atMost(source, maxBytes, () => tooLarge(maxBytes, url));
  if (codings.length === 0 || !known) return { body: await wholeOf(wire), decoded: false };

  // Answers without a body (HEAD, 304) name a coding too: there is nothing to undo.
  const { start, content } = await peek(wire, 1);
  if (start.length === 0) return { body: start, decoded: true };
  let plain: Chunks = content;
  for (const name of codings.toReversed()) plain = decode(plain, name);
  try {
    return { body: await wholeOf(atMost(plain, maxBytes, () => tooLarge(maxBytes, url))), decoded: true };
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

async function* decode(source: Chunks, name: string): AsyncGenerator<Uint8Array> {
  const { start, content } = await peek(source, 1);
  if (start.length === 0) return;
  const decoder = decoders[name]!(start);
  const input = Readable.from(content);
  input.on('error', (error) => decoder.destroy(error));
  input.pipe(decoder);
  try {
    yield* decoder as Chunks;
  } finally {
    input.destroy();
    decoder.destroy();
  }
}

const tooLarge = (maxBytes: number, url: URL) =>
  fail('limit-exceeded', {
    detail: `The answer of ${shown(url)} has more than ${maxBytes} bytes, decompressed; the setting \`outbound.maxMiB\` (MILLRACE_OUTBOUND_MAX_MIB) allows more.`,
    extra: { kind: 'communication', url: shown(url) },
  });
