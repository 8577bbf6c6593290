import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { atMost, peek, wholeOf } from '../../src/model/byte-stream.ts';

const stream = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
const tooLarge = () => new Error('too large');

describe('atMost', () => {
  it('passes on a stream of just so many bytes, in the chunks it came in', async () => {
    const chunks = [];
    for await (const chunk of atMost(stream('ab', 'c', 'd'), 4, tooLarge)) chunks.push(String(chunk));
    expect(chunks).toEqual(['ab', 'c', 'd']);
  });

  it('throws with the byte that is too many, and ends the stream', async () => {
    const source = stream('ab', 'cde', 'f');
    await expect(wholeOf(atMost(source, 4, tooLarge))).rejects.toThrow('too large');
    expect(source.destroyed).toBe(true);
  });
});

describe('wholeOf', () => {
  it('joins characters that chunks cut through', async () => {
    const bytes = Buffer.from('für alle');
    expect(String(await wholeOf(Readable.from([bytes.subarray(0, 2), bytes.subarray(2)])))).toBe('für alle');
  });
});

describe('peek', () => {
  it('looks at as many bytes as asked, over chunks, and gives the whole stream after that', async () => {
    const { start, content } = await peek(stream('a', 'b', 'cd', 'e'), 3);
    expect(String(start)).toBe('abcd');
    expect(String(await wholeOf(content))).toBe('abcde');
  });

  it('gives what there is of a shorter stream', async () => {
    const { start, content } = await peek(stream('ab'), 3);
    expect(String(start)).toBe('ab');
    expect(String(await wholeOf(content))).toBe('ab');
  });

  it('ends the stream when the reader stops in the middle', async () => {
    const source = stream('a', 'b', 'c', 'd');
    const { content } = await peek(source, 1);
    for await (const chunk of content) if (String(chunk) === 'b') break;
    expect(source.destroyed).toBe(true);
  });
});
