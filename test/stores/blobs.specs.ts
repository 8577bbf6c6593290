import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Subject } from './suite.ts';

const text = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

async function* pieces(...parts: string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

export function blobSpecs(subject: Subject): void {
  it('keeps bytes under their SHA-256, from memory or a stream', async () => {
    const { blobs } = subject;
    const hash = createHash('sha256').update('hello world').digest('hex');
    expect(await blobs.put(Buffer.from('hello world'), 100)).toEqual({ blob: hash, bytes: 11 });
    expect(await blobs.put(pieces('hello', ' ', 'world'), 11)).toEqual({ blob: hash, bytes: 11 });
    expect(await blobs.size(hash)).toBe(11);
    expect(await text(await blobs.open(hash))).toBe('hello world');
    expect(await text(await blobs.open(hash, { start: 4, end: 6 }))).toBe('o w');
    expect((await stat(blobs.path(hash))).mode & 0o777).toBe(0o600);
  });

  it('keeps nothing of what is too large or breaks off', async () => {
    const { blobs } = subject;
    await expect(blobs.put(pieces('12345', '67890'), 9)).rejects.toMatchObject({ code: 'too-large' });
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('12345');
      throw new TypeError('gone');
    }
    await expect(blobs.put(broken(), 99)).rejects.toThrow('gone');
    const hash = createHash('sha256').update('12345').digest('hex');
    expect(await blobs.size(hash)).toBeUndefined();
  });

  it('does not find what is not there, and is no way to other files', async () => {
    const { blobs } = subject;
    await expect(blobs.open('a'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
    for (const name of ['../../../etc/passwd', '', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
      expect(() => blobs.path(name)).toThrow('There is no such file');
    }
  });

  it('sweeps what is old and unreferenced, and nothing else', async () => {
    const { blobs } = subject;
    const [kept, gone, young] = await Promise.all(
      ['kept', 'gone', 'young'].map((one) => blobs.put(Buffer.from(one), 9)),
    );
    for (const { blob } of [kept!, gone!]) await utimes(blobs.path(blob), 1_000, 1_000);
    const asked: string[] = [];
    const deleted = await blobs.sweep(2_000_000, async (names) => {
      asked.push(...names);
      return names.filter((name) => name !== kept!.blob);
    });
    expect(deleted).toBe(1);
    expect(asked.sort()).toEqual([kept!.blob, gone!.blob].sort());
    expect(await Promise.all([kept, gone, young].map((one) => blobs.size(one!.blob)))).toEqual([4, undefined, 5]);
  });

  it('does not sweep what is put again while the sweep looks', async () => {
    const { blobs } = subject;
    const { blob } = await blobs.put(Buffer.from('again'), 9);
    await utimes(blobs.path(blob), 1_000, 1_000);
    const deleted = await blobs.sweep(2_000_000, async (names) => {
      await blobs.put(Buffer.from('again'), 9);
      return names;
    });
    expect([deleted, await blobs.size(blob)]).toEqual([0, 5]);
  });
}
