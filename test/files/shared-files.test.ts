import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSharedFiles, type Received } from '../../src/files/shared-files.ts';
import { parseRepositoryPath as p } from '../../src/repository/safe-path.ts';
import { rawZip } from '../repository/raw-zip.ts';
import { codeOf, silentLog, temporaryFolder } from '../repository/support.ts';

async function started() {
  const base = await temporaryFolder();
  const folder = join(base, 'shared');
  const files = createSharedFiles({ folder, areas: ['temp', 'uploads'], log: silentLog });
  await files.start?.();
  const put = async (path: string, content: string, overwrite = true) =>
    files.settle(await files.receive(chunksOf(content), 1_000), p(path), { overwrite });
  return { base, folder, files, put, aside: () => readdir(join(folder, '.incoming')) };
}
async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

describe('a file that comes in', () => {
  test('is nowhere until it is settled, then whole at its place', async () => {
    const { files, folder, aside } = await started();
    const received = await files.receive(chunksOf('one ', 'two'), 1_000);
    expect([received.bytes, await aside()]).toEqual([7, [expect.any(String)]]);
    expect(await files.find(p('temp/a/b.txt'))).toBeUndefined();
    expect(await files.settle(received, p('temp/a/b.txt'), { overwrite: false })).toBe(true);
    expect(await readFile(join(folder, 'temp/a/b.txt'), 'utf8')).toBe('one two');
    expect(await aside()).toEqual([]);
  });

  test('that breaks off or is too large leaves nothing', async () => {
    const { files, aside } = await started();
    const broken = (async function* () {
      yield Buffer.from('half');
      throw new Error('the connection broke');
    })();
    await expect(files.receive(broken, 1_000)).rejects.toThrow('the connection broke');
    expect(await codeOf(() => files.receive(chunksOf('x'.repeat(11)), 10))).toBe('too-large');
    expect(await aside()).toEqual([]);
  });

  test('is settled once, by the object that receive gave and no other', async () => {
    const { files } = await started();
    const received = await files.receive(chunksOf('x'), 10);
    await files.settle(received, p('temp/x'), { overwrite: false });
    expect(await codeOf(() => files.settle(received, p('temp/y'), { overwrite: false }))).toBe('invariant');
    const forged: Received = { bytes: 1 };
    expect(await codeOf(() => files.settle(forged, p('temp/y'), { overwrite: false }))).toBe('invariant');
    await files.discard(forged);
  });

  test('replaces a file only where that is allowed, and never a folder', async () => {
    const { files, folder, put } = await started();
    await put('temp/a', '1');
    expect(await codeOf(() => put('temp/a', '2', false))).toBe('exists');
    expect(await readFile(join(folder, 'temp/a'), 'utf8')).toBe('1');
    expect(await put('temp/a', '2')).toBe(false);
    await files.makeFolder(p('temp/folder'));
    for (const overwrite of [true, false])
      expect(['exists', 'conflict']).toContain(await codeOf(() => put('temp/folder', 'x', overwrite)));
  });

  test('and was cut off with the last server is gone at the start of the next', async () => {
    const { folder, put } = await started();
    await put('temp/kept', 'x');
    await writeFile(join(folder, '.incoming/0123'), 'half of a file');
    await mkdir(join(folder, '.incoming/4567/sub'), { recursive: true });
    const next = createSharedFiles({ folder, areas: ['temp'], log: silentLog });
    await next.start?.();
    expect(await readdir(join(folder, '.incoming'))).toEqual([]);
    expect((await next.find(p('temp/kept')))?.bytes).toBe(1);
  });
});

describe('an archive', () => {
  test('is unpacked as a whole, and replaces the folder that was there', async () => {
    const { files, folder, put, aside } = await started();
    await put('temp/out/old.txt', 'old');
    const zip = rawZip([{ name: 'a/new.txt', data: 'new' }]);
    const received = await files.receive(chunks(zip), 1_000_000);
    await files.unpack(received, p('temp/out'));
    expect(await readdir(join(folder, 'temp/out'), { recursive: true })).toEqual(['a', 'a/new.txt']);
    expect(await aside()).toEqual([]);
  });

  test('with a path too long for where it goes is refused before anything is written', async () => {
    const { files, aside } = await started();
    const name = `${'n'.repeat(200)}/`.repeat(4).slice(0, -1);
    const received = await files.receive(chunks(rawZip([{ name, data: 'x' }])), 1_000_000);
    expect(await codeOf(() => files.unpack(received, p(`temp/${'d'.repeat(250)}`)))).toBe('invalid-path');
    expect([await aside(), await files.find(p(`temp/${'d'.repeat(250)}`))]).toEqual([[], undefined]);
  });

  test('does not replace a file', async () => {
    const { files, put, aside } = await started();
    await put('temp/out', 'a file');
    const received = await files.receive(chunks(rawZip([{ name: 'x', data: 'x' }])), 1_000_000);
    expect(await codeOf(() => files.unpack(received, p('temp/out')))).toBe('conflict');
    expect([await aside(), (await files.find(p('temp/out')))?.kind]).toEqual([[], 'file']);
  });

  async function* chunks(bytes: Buffer) {
    yield bytes;
  }
});

describe('a sweep', () => {
  test('removes old files and the folders they leave empty, and nothing else', async () => {
    const { files, folder, put } = await started();
    const at = (path: string) => join(folder, path);
    await put('uploads/me/old/deep/a', 'x');
    await put('uploads/me/mixed/old', 'x');
    await put('uploads/me/mixed/young', 'x');
    await put('temp/old', 'x');
    await files.makeFolder(p('uploads/me/new-and-empty'));
    for (const path of [
      'uploads/me/old/deep/a',
      'uploads/me/mixed/old',
      'temp/old',
      'uploads/me/old/deep',
      'uploads/me/old',
    ])
      await utimes(at(path), 1, 1);
    expect(await files.sweep(p('uploads'), Date.now() - 60_000)).toBe(2);
    expect((await readdir(at('uploads'), { recursive: true })).sort()).toEqual([
      'me',
      'me/mixed',
      'me/mixed/young',
      'me/new-and-empty',
    ]);
    expect((await stat(at('temp/old'))).isFile()).toBe(true);
  });
});

describe('a place on the disk', () => {
  test('is given for what is there and what may come, never through a link', async () => {
    const { base, files, folder, put } = await started();
    await put('temp/a/file', 'x');
    await symlink(base, join(folder, 'temp/out'));
    await symlink('a', join(folder, 'temp/inner'));
    expect(await files.locate(p('temp/a/file'))).toBe(join(files.root(), 'temp/a/file'));
    expect(await files.locate(p('temp/new/folder/file'))).toBe(join(files.root(), 'temp/new/folder/file'));
    for (const path of ['temp/out', 'temp/out/secret', 'temp/inner/file'])
      expect(await codeOf(() => files.locate(p(path)))).toBe('not-found');
  });

  test('leads back to its path, and no other place does', async () => {
    const { base, files } = await started();
    expect(files.pathOf(join(files.root(), 'temp/a b/ü'))).toBe('/temp/a b/ü');
    for (const place of [
      base,
      files.root(),
      join(files.root(), '..', 'x'),
      '/etc/passwd',
      'temp/x',
      '',
      '\0',
      join(files.root(), '.incoming/x'),
    ])
      expect(files.pathOf(place), place).toBeUndefined();
  });
});

describe('a listing', () => {
  test('goes as deep as asked, and leaves out links and names no path can have', async () => {
    const { files, folder, put } = await started();
    await put('temp/one/two/three', 'x');
    await symlink('/etc', join(folder, 'temp/link'));
    await writeFile(join(folder, 'temp/bad:name'), 'x');
    const names = (depth: number) =>
      files.find(p('temp'), depth).then((entry) => JSON.stringify(entry?.contents, ['name', 'contents']));
    expect(await names(0)).toBeUndefined();
    expect(await names(1)).toBe('[{"name":"one"}]');
    expect(await names(3)).toBe('[{"name":"one","contents":[{"name":"two","contents":[{"name":"three"}]}]}]');
  });
});
