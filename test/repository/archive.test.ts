import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMillraceError } from '../../src/model/errors.ts';
import { type ArchiveLimits, archiveLimits, readArchive, writeArchive } from '../../src/repository/archive.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { parseRepositoryPath } from '../../src/repository/safe-path.ts';
import { processorMs } from '../support/processor.ts';
import { hostilePaths } from './hostile-paths.ts';
import { type RawEntry, rawZip } from './raw-zip.ts';
import { codeOf, startRepository, temporaryFolder } from './support.ts';

/** Opens an archive and reads all of it, as an upload does. */
async function readAll(zip: Buffer, limits?: ArchiveLimits): Promise<Record<string, string>> {
  const archive = await readArchive(zip, limits);
  const contents: Record<string, string> = {};
  try {
    for (const entry of archive.entries) if (entry.kind === 'file') contents[entry.path] = await text(entry.read());
  } finally {
    archive.close();
  }
  return contents;
}

const sourceOf = (path: string, content: string | Buffer) => ({
  path: parseRepositoryPath(path),
  modifiedAt: Date.UTC(2026, 0, 2),
  open: async () => Readable.from([Buffer.from(content)]),
});

describe('readArchive', () => {
  test('gives files and folders with path, size and content, from bytes and from a file', async () => {
    const zip = rawZip([
      { name: 'A/', mode: 0o040755 },
      { name: 'A/x.yaml', data: 'title: x' },
      { name: 'A/run.sh', data: '#!/bin/sh', mode: 0o106777, store: true },
      { name: 'über.txt', data: 'ü' },
    ]);
    const archive = await readArchive(zip);
    expect(archive.entries.map(({ path, kind, bytes, executable }) => [path, kind, bytes, executable])).toEqual([
      ['/A', 'folder', 0, true],
      ['/A/x.yaml', 'file', 8, false],
      ['/A/run.sh', 'file', 9, true],
      ['/über.txt', 'file', 2, false],
    ]);
    archive.close();
    const file = join(await temporaryFolder(), 'a.zip');
    await writeFile(file, zip);
    const fromFile = await readArchive({ file });
    expect(await text(fromFile.entries[1]!.read())).toBe('title: x');
    fromFile.close();
  });

  test.each<[string, RawEntry[], string]>([
    ['a name that climbs', [{ name: '../x' }], 'invalid'],
    ['a name that climbs within', [{ name: 'a/../../x' }], 'invalid'],
    ['an absolute name', [{ name: '/etc/passwd' }], 'invalid'],
    ['a drive', [{ name: 'C:/x' }], 'invalid'],
    ['a backslash', [{ name: '..\\x' }], 'invalid'],
    ['an empty name', [{ name: '' }], 'invalid'],
    ['a slash alone', [{ name: '/', mode: 0 }], 'invalid'],
    ['NUL in a name', [{ name: 'a\0.yaml' }], 'invalid'],
    ['a symbolic link', [{ name: 'x', data: '/etc/passwd', mode: 0o120777 }], 'invalid'],
    ['a character device', [{ name: 'x', mode: 0o020666 }], 'invalid'],
    ['a block device', [{ name: 'x', mode: 0o060666 }], 'invalid'],
    ['a named pipe', [{ name: 'x', mode: 0o010666 }], 'invalid'],
    ['a socket', [{ name: 'x', mode: 0o140666 }], 'invalid'],
    ['a folder with content', [{ name: 'x/', data: 'content', mode: 0o040755 }], 'invalid'],
    ['a file whose mode says folder', [{ name: 'x', mode: 0o040755 }], 'invalid'],
    ['one name twice', [{ name: 'x' }, { name: 'x' }], 'invalid'],
    ['names that differ by case', [{ name: 'a/X.yaml' }, { name: 'a/x.yaml' }], 'invalid'],
    ['folders that differ by case', [{ name: 'A/x' }, { name: 'a/y' }], 'invalid'],
    ['names that differ by normal form', [{ name: 'e\u0301' }, { name: '\u00e9' }], 'invalid'],
    ['a file that is a folder too', [{ name: 'a' }, { name: 'a/b' }], 'invalid'],
    ['a folder that is a file too', [{ name: 'a/b' }, { name: 'a' }], 'invalid'],
    ['an encrypted entry', [{ name: 'x', flags: 0x801 }], 'invalid'],
    ['an unknown method', [{ name: 'x', method: 14 }], 'invalid'],
    ['a wrong checksum', [{ name: 'x', data: 'content', sum: 1 }], 'invalid'],
    ['a size that is too small', [{ name: 'x', data: 'long content', bytes: 4 }], 'invalid'],
    ['a size that is too large', [{ name: 'x', data: 'short', bytes: 400 }], 'invalid'],
    [
      'entries that share bytes',
      [
        { name: 'x', data: 'content' },
        { name: 'y', data: 'content', sharesDataOf: 0 },
      ],
      'invalid',
    ],
    ['a ratio over 100', [{ name: 'x', data: Buffer.alloc(2 * 1024 * 1024) }], 'too-large'],
  ])('%s is refused', async (_name, entries, family) => {
    const code = await codeOf(() => readAll(rawZip([{ name: 'ok.txt', data: 'ok' }, ...entries])));
    expect(family === 'invalid' ? ['invalid-input', 'invalid-path'] : [family]).toContain(code);
  });

  test('the name in the directory counts, not the one before the data', async () => {
    expect(await readAll(rawZip([{ name: 'x', localName: '../evil', data: 'content' }]))).toEqual({ '/x': 'content' });
  });

  test('every hostile path is refused as a name, or is the plain name it looks like', async () => {
    for (const path of hostilePaths) {
      // A slash at the end of a name in an archive means a folder.
      const code = await codeOf(() => readArchive(rawZip([{ name: path, mode: 0 }])));
      const isFolder =
        path.endsWith('/') && (await codeOf(() => parseRepositoryPath(path.slice(0, -1)))) === 'no error';
      if (isFolder && code === 'no error') continue;
      expect(['invalid-path', 'invalid-input'], JSON.stringify(path)).toContain(code);
    }
  });

  test('number, size and ratio have limits, also when the archive lies about them', async () => {
    const limits = { ...archiveLimits, entries: 3, totalBytes: 100 };
    const many = Array.from({ length: 4 }, (_, i) => ({ name: `f${i}`, data: 'x' }));
    expect(await codeOf(() => readAll(rawZip(many), limits))).toBe('too-large');
    expect(Object.keys(await readAll(rawZip(many, { count: 2 }), limits))).toEqual(['/f0', '/f1']);
    const long = { name: 'x', data: 'x'.repeat(101) };
    expect(await codeOf(() => readAll(rawZip([long]), limits))).toBe('too-large');
    // Says 50, holds 101: nothing beyond what was said comes out.
    expect(await codeOf(() => readAll(rawZip([{ ...long, bytes: 50 }]), limits))).toBe('invalid-input');
    const half = { data: 'x'.repeat(60) };
    expect(
      await codeOf(() =>
        readAll(
          rawZip([
            { name: 'a', ...half },
            { name: 'b', ...half },
          ]),
          limits,
        ),
      ),
    ).toBe('too-large');
  });

  test('a bomb is refused before it inflates', async () => {
    const zip = rawZip([{ name: 'x', data: Buffer.alloc(100 * 1024 * 1024) }]);
    const liar = rawZip([{ name: 'x', data: Buffer.alloc(100 * 1024 * 1024), bytes: 1000 }]);
    const memory = process.memoryUsage().rss;
    const start = processorMs();
    expect(await codeOf(() => readAll(zip))).toBe('too-large');
    expect(await codeOf(() => readAll(liar))).toBe('invalid-input');
    expect(processorMs() - start).toBeLessThan(1000);
    expect(process.memoryUsage().rss - memory).toBeLessThan(50 * 1024 * 1024);
  });

  test('whatever the bytes, it ends in one of our errors or in contents', async () => {
    const good = rawZip([
      { name: 'a/x', data: 'content' },
      { name: 'y', data: 'y'.repeat(300), store: true },
    ]);
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(good.length), async (changes, cut) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        await codeOf(() => readAll(changes.length > 3 ? bytes.subarray(0, cut) : bytes));
      }),
      { numRuns: 200 },
    );
    expect(await codeOf(() => readAll(Buffer.from('not an archive')))).toBe('invalid-input');
    expect(await codeOf(() => readAll(Buffer.alloc(0)))).toBe('invalid-input');
    expect(await codeOf(() => readArchive({ file: '/nowhere.zip' }))).toBe('invalid-input');
  });
});

describe('writeArchive', () => {
  test('what was written is read again', async () => {
    const zip = await buffer(
      writeArchive([sourceOf('/A/x y.yaml', 'title: x'), sourceOf('/ü.bin', Buffer.alloc(300_000, 7))]),
    );
    const contents = await readAll(zip);
    expect(contents['/A/x y.yaml']).toBe('title: x');
    expect(contents['/ü.bin']).toHaveLength(300_000);
  });

  test('files are opened one at a time, and none after the reader left', async () => {
    let open = 0;
    let most = 0;
    let opened = 0;
    const files = Array.from({ length: 50 }, (_, i) => ({
      ...sourceOf(`/f${i}`, ''),
      open: async () => {
        opened++;
        most = Math.max(most, ++open);
        const stream = Readable.from([Buffer.alloc(50_000, i)]);
        return stream.on('close', () => void open--);
      },
    }));
    await buffer(writeArchive(files));
    expect([opened, most, open]).toEqual([50, 1, 0]);

    opened = 0;
    const left = writeArchive(
      files.map((file) => ({ ...file, open: async () => Readable.from(endless()).on('close', () => void open--) })),
    );
    open = 1;
    left.once('data', () => left.destroy());
    await new Promise((resolve) => left.once('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(open).toBe(0);
  });

  async function* endless() {
    for (;;) yield Buffer.from(Array.from({ length: 1000 }, () => Math.floor(Math.random() * 256)));
  }

  test('a file that cannot be opened ends the archive with its error', async () => {
    const failing = { ...sourceOf('/x', ''), open: () => Promise.reject(new RangeError('gone')) };
    await expect(buffer(writeArchive([sourceOf('/a', 'a'), failing]))).rejects.toThrow('gone');
  });
});

describe('folders as archives', () => {
  const put = ({ items }: Repository, path: string, zip: Buffer) =>
    items.put(path, { as: 'folder archive', content: Readable.from([zip]) }, { maxBytes: 1_000_000 });

  test('an upload puts workflows and plain files in their places, and comes down again', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    const uploaded = await put(
      repository,
      '/Team',
      rawZip([
        { name: 'one.yaml', data: 'title: one' },
        { name: 'data/rows.csv', data: 'a,b\n1,2' },
        { name: 'data/two.json', data: '{"title": "two"}' },
        { name: 'empty/', mode: 0o040755 },
        { name: 'tool.sh', data: '#!/bin/sh', mode: 0o104777 },
      ]),
    );
    expect(uploaded).toMatchObject({
      created: true,
      workflows: [{ path: '/Team/one' }, { path: '/Team/data/two' }],
    });
    expect(repository.list({ deep: true }).map((item) => item.path)).toEqual([
      '/Team',
      '/Team/data',
      '/Team/data/two',
      '/Team/empty',
      '/Team/one',
    ]);
    expect(await readFile(join(folder, 'Team/data/rows.csv'), 'utf8')).toBe('a,b\n1,2');
    expect((await stat(join(folder, 'Team/tool.sh'))).mode & 0o7022).toBe(0);
    expect(await readdir(folder)).toEqual(['Team']);

    await symlink('/etc/passwd', join(folder, 'Team/link.txt'));
    const down = await readAll(
      await buffer(await repository.items.archive(await repository.items.get('/Team'), 6, () => true)),
    );
    expect(Object.keys(down).sort()).toEqual([
      '/Team/data/rows.csv',
      '/Team/data/two.json',
      '/Team/one.yaml',
      '/Team/tool.sh',
    ]);
    expect(down['/Team/one.yaml']).toBe('title: one');
  });

  test('all or nothing: one broken definition, one clash or one bad name stores no file', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.put('/there', 'title: there', { suffix: '.yaml' });
    const good = { name: 'good.yaml', data: 'title: good' };
    const there = { name: 'there.yaml', data: 'title: new' };
    const tries: [RawEntry, string][] = [
      [{ name: 'bad.yaml', data: 'a: 1\na: 2' }, 'invalid-definition'],
      [{ name: 'good.json', data: '{"title": "same name"}' }, 'invalid-input'],
      [{ name: '.git/config', data: '' }, 'invalid-input'],
      [{ name: 'node_modules/x.js', data: '' }, 'invalid-input'],
      [{ name: 'x.txt', data: 'x', sum: 1 }, 'invalid-input'],
      [{ name: 'link', data: '/etc', mode: 0o120777 }, 'invalid-input'],
      [{ name: '../out.yaml', data: 'title: out' }, 'invalid-input'],
      [{ name: 'large.yaml', data: `title: ${'xy'.repeat(150_000)}` }, 'too-large'],
    ];
    for (const [entry, code] of tries) {
      expect(await codeOf(() => put(repository, '/', rawZip([good, there, entry]))), String(entry.name)).toBe(code);
      expect(await readdir(folder), String(entry.name)).toEqual(['there.yaml']);
      expect(repository.find('/there')!.current!.info.title).toBe('there');
    }
    const issues = await put(repository, '/', rawZip([good, tries[0]![0]])).catch((error) => {
      if (!isMillraceError(error)) throw error;
      return error.options.errors;
    });
    expect(issues).toMatchObject([{ message: expect.stringContaining('/bad.yaml'), line: 2, column: 1 }]);
  });

  test('files that are there are replaced, also one of another suffix', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.put('/a', 'title: old a', { suffix: '.yaml' });
    await repository.put('/b', 'title: old b', { suffix: '.yaml' });
    const zip = rawZip([
      { name: 'a.yaml', data: 'title: new a' },
      { name: 'b.json', data: '{"title": "new b"}' },
    ]);
    await put(repository, '/', zip);
    expect((await readdir(folder)).sort()).toEqual(['a.yaml', 'b.json']);
    expect(['/a', '/b'].map((path) => repository.find(path)!.current!.info.title)).toEqual(['new a', 'new b']);
    expect(repository.list().every((item) => item.kind === 'workflow' && item.workflow.issues.length === 0)).toBe(true);
  });

  test('what an interrupted write left behind goes at the next start, once it is old', async () => {
    const folder = await temporaryFolder();
    const other = ['.millrace-abcdefghijkl.tmp.yaml', '.env', '.abcdefghijkl.tmp'];
    for (const name of ['.millrace-abcdefghijkl.tmp', ...other]) await writeFile(join(folder, name), 'x');
    await startRepository(folder);
    expect(await readdir(folder)).toHaveLength(4);
    await startRepository(folder, { clock: () => Date.now() + 2 * 3_600_000 });
    expect((await readdir(folder)).sort()).toEqual([...other].sort());
  });
});
