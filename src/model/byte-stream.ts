type Chunks<Chunk> = AsyncIterable<Chunk>;

/** Passes a stream on; throws what `tooLarge` makes instead of the chunk with which it has more than `most` bytes. */
export async function* atMost<Chunk extends Uint8Array>(
  source: Chunks<Chunk>,
  most: number,
  tooLarge: () => Error,
): AsyncGenerator<Chunk> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > most) throw tooLarge();
    yield chunk;
  }
}

/**
 * All bytes of a stream that something else bounds. `buffer` of node:stream/consumers takes fifteen times as long for a
 * short one, because it goes through a Blob.
 */
export async function wholeOf(source: Chunks<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * The first bytes of a stream, at least `least` unless it is shorter, and the whole of it, which takes its place: who
 * stops reading that ends the stream.
 */
export async function peek(
  source: Chunks<Uint8Array>,
  least: number,
): Promise<{ start: Buffer; content: AsyncGenerator<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; bytes < least; ) {
    const { value, done } = await rest.next();
    if (done) break;
    chunks.push(value);
    bytes += value.length;
  }
  return { start: Buffer.concat(chunks), content: whole() };

  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
}
