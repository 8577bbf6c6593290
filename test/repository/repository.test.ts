import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isMillraceError } from '../../src/model/errors.ts';
import { etagOf, type RepositoryChange } from '../../src/repository/repository.ts';
import { anyRuntime, codeOf, memoryVersions, startRepository, temporaryFolder, titleRuntime } from './support.ts';

const titleAt = (repository: Awaited<ReturnType<typeof startRepository>>, path: string) =>
  repository.find(path)?.current?.info.title;

describe('what is found', () => {
  test('workflows are named by their path without suffix; other files, dot files and node_modules are left alone', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'A/B/node_modules/x'), { recursive: true });
    await mkdir(join(folder, '.git'));
    await writeFile(join(folder, 'top.yaml'), 'title: Top');
    await writeFile(join(folder, 'A/B/deep one.json'), '{"title": "Deep"}');
    await writeFile(join(folder, 'A/data.csv'), 'title: no');
    await writeFile(join(folder, 'A/.hidden.yaml'), 'title: no');
    await writeFile(join(folder, '.git/config.yaml'), 'title: no');
    await writeFile(join(folder, 'A/B/node_modules/x/y.yaml'), 'title: no');
    const repository = await startRepository(folder);

    expect(repository.list({ deep: true }).map((item) => `${item.kind} ${item.path}`)).toEqual([
      'folder /A',
      'folder /A/B',
      'workflow /A/B/deep one',
      'workflow /top',
    ]);
    expect(repository.list().map((item) => item.path)).toEqual(['/A', '/top']);
    expect(repository.list({ under: 'A/B' }).map((item) => item.path)).toEqual(['/A/B/deep one']);
    expect(repository.get('A/B/deep one')).toMatchObject({ file: '/A/B/deep one.json', issues: [], bytes: 17 });
    expect(repository.tree()).toMatchObject({
      path: '/',
      workflows: [{ path: '/top' }],
      folders: [{ name: 'A', workflows: [], folders: [{ name: 'B', workflows: [{ path: '/A/B/deep one' }] }] }],
    });
  });

  test('a name that is not there is answered with those near it', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'Examples'));
    for (const name of ['Examples/Fan out', 'Examples/Retry', 'other'])
      await writeFile(join(folder, `${name}.yaml`), 'title: x');
    const repository = await startRepository(folder);
    const problemOf = (path: string, visible?: (path: string) => boolean) => {
      try {
        repository.get(path, visible ?? (() => true));
      } catch (error) {
        if (isMillraceError(error)) return error.options;
      }
      return undefined;
    };
    expect(problemOf('/Examples/Fan uot')).toMatchObject({ extra: { similar: ['/Examples/Fan out'] } });
    expect(problemOf('/examples/retry')!.detail).toContain('/Examples/Retry');
    expect(problemOf('/Retry')).toMatchObject({ extra: { similar: ['/Examples/Retry'] } });
    // What the asker may not see is not named.
    expect(problemOf('/Retry', (path) => path !== '/Examples/Retry')!.detail).not.toContain('Examples');
    expect(() => repository.get('/Retry')).toThrow('There is no workflow /Retry.');
    expect(problemOf('/zzzzzzzzzzzzzzzz')).toMatchObject({ extra: { similar: [] } });
    expect(await codeOf(() => repository.get('../x'))).toBe('invalid-path');
    expect(await codeOf(() => repository.list({ under: '/none' }))).toBe('not-found');
  });

  test('of two files with one name the first serves and the second is listed with the reason', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.json'), '{"title": "first"}');
    await writeFile(join(folder, 'a.yaml'), 'title: second');
    const repository = await startRepository(folder);
    expect(titleAt(repository, '/a')).toBe('first');
    const second = repository.list().flatMap((item) => (item.kind === 'workflow' ? [item.workflow] : []))[1]!;
    expect(second).toMatchObject({ file: '/a.yaml', issues: [{ message: expect.stringContaining('/a.json') }] });
    expect(second.current).toBeUndefined();

    await rm(join(folder, 'a.json'));
    await repository.rescan();
    expect(titleAt(repository, '/a')).toBe('second');
    expect(repository.find('/a')!.issues).toEqual([]);
    expect(repository.versions.current.get('/a')).toBe(repository.find('/a')!.current!.hash);
  });

  test('a link is not followed, within the folder or out of it', async () => {
    const folder = await temporaryFolder();
    const outside = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real/a.yaml'), 'title: real');
    await writeFile(join(outside, 'b.yaml'), 'title: outside');
    await symlink(outside, join(folder, 'out'));
    await symlink(join(outside, 'b.yaml'), join(folder, 'b.yaml'));
    await symlink(join(folder, 'real'), join(folder, 'in'));
    const repository = await startRepository(folder);
    expect(repository.list({ deep: true }).map((item) => item.path)).toEqual(['/real', '/real/a']);
  });
});

describe('versions', () => {
  test('each content is a version that stays after edit and delete', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a.yaml');
    await writeFile(file, 'title: one');
    const repository = await startRepository(folder);
    const first = repository.get('/a').current!;
    await writeFile(file, 'title: two');
    await repository.rescan();
    const second = repository.get('/a').current!;
    expect(second.hash).not.toBe(first.hash);
    await rm(file);
    await repository.rescan();
    expect(repository.find('/a')).toBeUndefined();
    expect((await repository.version(first.hash)).source).toBe('title: one');
    expect((await repository.version(second.hash)).source).toBe('title: two');
    expect(await codeOf(() => repository.version('0'.repeat(64)))).toBe('not-found');
    expect(await codeOf(() => repository.version('../../etc/passwd'))).toBe('not-found');
  });

  test('an edit that keeps size and modification time is noticed', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.yaml'), 'title: one');
    const repository = await startRepository(folder);
    await writeFile(join(folder, 'a.yaml'), 'title: two');
    await repository.rescan();
    expect(titleAt(repository, '/a')).toBe('two');
  });

  test('a broken file is listed with line, column and reason while its last good version serves', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.yaml'), 'title: good');
    await writeFile(join(folder, 'never.yaml'), 'x: 1');
    const repository = await startRepository(folder);
    await writeFile(join(folder, 'a.yaml'), 'title: bad\n  x: 1');
    await repository.rescan();
    expect(repository.get('/a').issues).toMatchObject([
      { line: 2, column: expect.any(Number), message: expect.any(String) },
    ]);
    expect(titleAt(repository, '/a')).toBe('good');
    expect(repository.get('/never')).toMatchObject({ issues: [{ line: 1, column: 1, message: 'A title is needed.' }] });
    expect(repository.get('/never').current).toBeUndefined();

    await writeFile(join(folder, 'a.yaml'), 'title: mended');
    await repository.rescan();
    expect(repository.get('/a')).toMatchObject({ issues: [], current: { info: { title: 'mended' } } });
  });

  test('the last good version serves a broken file after a restart too', async () => {
    const folder = await temporaryFolder();
    const versions = memoryVersions();
    await writeFile(join(folder, 'a.yaml'), 'title: good');
    const first = await startRepository(folder, { versions });
    await first.stop!(1000);
    await writeFile(join(folder, 'a.yaml'), 'no title');
    const second = await startRepository(folder, { versions });
    expect(titleAt(second, '/a')).toBe('good');
    expect(second.get('/a').issues).toHaveLength(1);
  });

  test('a restart over unchanged files writes nothing to the store', async () => {
    const folder = await temporaryFolder();
    const versions = memoryVersions();
    for (const name of ['a', 'b', 'c']) await writeFile(join(folder, `${name}.yaml`), `title: ${name}`);
    await (await startRepository(folder, { versions })).stop!(1000);
    expect(versions.counts).toEqual({ save: 3, setCurrent: 3 });
    await startRepository(folder, { versions });
    expect(versions.counts).toEqual({ save: 3, setCurrent: 3 });
  });

  test('a file that is not UTF-8 or too large is listed with the reason', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'latin.yaml'), Buffer.from('title: x\n# caf\xe9', 'latin1'));
    await writeFile(join(folder, 'large.yaml'), `title: ${'x'.repeat(256 * 1024)}`);
    await writeFile(join(folder, 'marked.yaml'), '\uFEFFtitle: marked');
    const repository = await startRepository(folder);
    expect(repository.get('/latin').issues).toMatchObject([
      { line: 2, column: 6, message: expect.stringContaining('UTF-8') },
    ]);
    expect(repository.get('/large').issues[0]!.message).toContain('262144');
    expect(await codeOf(() => repository.source('/large'))).toBe('too-large');
    expect((await repository.source('/latin')).bytes.at(-1)).toBe(0xe9);
    expect(Buffer.from(repository.get('/marked').current!.source)).toEqual(await readFile(join(folder, 'marked.yaml')));
  });

  test('a runtime that fails on a file does not hide the others', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.yaml'), 'title: a');
    await writeFile(join(folder, 'b.odd'), 'x');
    const odd = {
      ...anyRuntime,
      name: 'odd',
      suffixes: ['.odd'],
      parse() {
        throw new TypeError('a defect');
      },
    };
    const repository = await startRepository(folder, { runtimes: [titleRuntime, odd] });
    expect(titleAt(repository, '/a')).toBe('a');
    expect(repository.get('/b').issues[0]!.message).toContain('odd runtime failed');
  });
});

describe('writes', () => {
  test('put stores, replaces with If-Match, and refuses without it', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    const made = await repository.put('/New/x', 'title: one', { suffix: '.yaml' });
    expect(made).toMatchObject({ created: true, workflow: { path: '/New/x', file: '/New/x.yaml', issues: [] } });
    expect(await readFile(join(folder, 'New/x.yaml'), 'utf8')).toBe('title: one');
    expect(repository.list({ under: '/New' })).toHaveLength(1);

    const { etag, bytes } = await repository.source('/New/x');
    expect(bytes.toString()).toBe('title: one');
    expect(etag).toBe(etagOf(made.workflow.current!.hash));
    expect(await codeOf(() => repository.put('/New/x', 'title: two'))).toBe('precondition-required');
    expect(await codeOf(() => repository.put('/New/x', 'title: two', { ifMatch: '"other"' }))).toBe(
      'precondition-failed',
    );
    expect(await codeOf(() => repository.put('/New/x', 'title: two', { ifMatch: `W/${etag}` }))).toBe(
      'precondition-failed',
    );
    expect(await codeOf(() => repository.put('/New/x', 'title: two', { ifNoneMatch: '*' }))).toBe(
      'precondition-failed',
    );
    expect(await codeOf(() => repository.put('/New/y', 'title: two', { ifMatch: '*', suffix: '.yaml' }))).toBe(
      'precondition-failed',
    );
    expect(titleAt(repository, '/New/x')).toBe('one');

    expect(await repository.put('/New/x', 'title: two', { ifMatch: `"other", ${etag}` })).toMatchObject({
      created: false,
    });
    expect(titleAt(repository, '/New/x')).toBe('two');
    await repository.put('/New/x', 'title: three', { ifMatch: '*' });
    expect(await readFile(join(folder, 'New/x.yaml'), 'utf8')).toBe('title: three');
    expect(repository.versions.versions.size).toBe(3);
    expect(await readdir(join(folder, 'New'))).toEqual(['x.yaml']);
  });

  test('put with another suffix replaces the file', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.put('/x', 'title: one', { suffix: '.yaml' });
    await repository.put('/x', '{"title": "two"}', { suffix: '.json', ifMatch: '*' });
    expect(await readdir(folder)).toEqual(['x.json']);
    expect(repository.get('/x')).toMatchObject({ file: '/x.json', issues: [], current: { info: { title: 'two' } } });
    expect(repository.list()).toHaveLength(1);
  });

  test('put refuses a broken definition with every issue and stores nothing', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    try {
      await repository.put('/x', 'a: 1\na: 2\nb: !odd 1', { suffix: '.yaml' });
      expect.fail('it was accepted');
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      expect(error.code).toBe('invalid-definition');
      expect(error.options.errors).toMatchObject([
        { line: 2, column: 1, in: 'definition' },
        { line: 3, column: 4, in: 'definition' },
      ]);
    }
    expect(await readdir(folder)).toEqual([]);
    expect(repository.versions.counts.save).toBe(0);
    expect(await codeOf(() => repository.put('/x', 'title: x', { suffix: '.exe' }))).toBe('invalid-input');
    expect(await codeOf(() => repository.put('/x', 'title: x'))).toBe('invalid-input');
    expect(await codeOf(() => repository.put('/x', `title: ${'x'.repeat(300_000)}`, { suffix: '.yaml' }))).toBe(
      'too-large',
    );
    for (const path of ['', '/', '/../x', '/.git/x', '/a/node_modules/x', '/a//b', '/a/'])
      expect(await codeOf(() => repository.put(path, 'title: x', { suffix: '.yaml' })), path).toBe('invalid-path');
    expect(await readdir(folder)).toEqual([]);
  });

  test('an edit on the disk that nobody was told of is not overwritten', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.put('/x', 'title: one', { suffix: '.yaml' });
    const { etag } = await repository.source('/x');
    await writeFile(join(folder, 'x.yaml'), 'title: by hand');
    await writeFile(join(folder, 'y.json'), '{"title": "by hand"}');
    expect(await codeOf(() => repository.put('/x', 'title: two', { ifMatch: etag }))).toBe('precondition-failed');
    expect(await codeOf(() => repository.put('/y', 'title: two', { suffix: '.yaml' }))).toBe('precondition-required');
    expect(titleAt(repository, '/x')).toBe('by hand');
  });

  test('of many writers with the same ETag one wins', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.put('/x', 'title: start', { suffix: '.yaml' });
    const { etag } = await repository.source('/x');
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => codeOf(() => repository.put('/x', `title: w${i}`, { ifMatch: etag }))),
    );
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'precondition-failed')).toHaveLength(19);
    expect(titleAt(repository, '/x')).toBe('w0');
  });

  test('remove takes the file away and keeps the version', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    const { workflow } = await repository.put('/A/x', 'title: one', { suffix: '.yaml' });
    expect(await codeOf(() => repository.remove('/A/x', { ifMatch: '"other"' }))).toBe('precondition-failed');
    await repository.remove('/A/x', { ifMatch: etagOf(workflow.current!.hash) });
    expect(await readdir(join(folder, 'A'))).toEqual([]);
    expect(await codeOf(() => repository.get('/A/x'))).toBe('not-found');
    expect(await codeOf(() => repository.remove('/A/x'))).toBe('not-found');
    expect(await repository.version(workflow.current!.hash)).toMatchObject({ source: 'title: one' });
    expect(repository.versions.current.has('/A/x')).toBe(false);
  });

  test('move renames a workflow, also a broken one with its last good version', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.put('/x', 'title: one', { suffix: '.yaml' });
    await repository.put('/y', 'title: two', { suffix: '.yaml' });
    expect(await codeOf(() => repository.move('/x', '/y'))).toBe('exists');
    expect(await codeOf(() => repository.move('/none', '/z'))).toBe('not-found');
    expect(await codeOf(() => repository.move('/x', '/z', { ifMatch: '"other"' }))).toBe('precondition-failed');
    await repository.move('/x', '/Deep/er/z');
    expect(repository.find('/x')).toBeUndefined();
    expect(titleAt(repository, '/Deep/er/z')).toBe('one');
    await repository.move('/Deep/er/z', '/y', { overwrite: true });
    expect(titleAt(repository, '/y')).toBe('one');

    await writeFile(join(folder, 'y.yaml'), 'broken');
    await repository.rescan();
    await repository.move('/y', '/moved');
    expect(titleAt(repository, '/moved')).toBe('one');
    expect(repository.get('/moved').issues).toHaveLength(1);
    expect([...repository.versions.current.keys()]).toEqual(['/moved']);
  });

  test('folders are made, moved with all in them, and removed', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.makeFolder('/A/B');
    expect(repository.list({ deep: true }).map((item) => item.path)).toEqual(['/A', '/A/B']);
    expect(await codeOf(() => repository.makeFolder('/A/B'))).toBe('exists');
    await repository.put('/A/B/x', 'title: one', { suffix: '.yaml' });
    expect(await codeOf(() => repository.move('/A', '/A/B/C'))).toBe('conflict');
    await repository.move('/A', '/Z/A');
    expect(repository.list({ deep: true }).map((item) => item.path)).toEqual(['/Z', '/Z/A', '/Z/A/B', '/Z/A/B/x']);
    expect(titleAt(repository, '/Z/A/B/x')).toBe('one');
    expect(await codeOf(() => repository.removeFolder('/Z'))).toBe('conflict');
    expect(await codeOf(() => repository.removeFolder('/'))).toBe('invalid-path');
    await repository.removeFolder('/Z', { recursive: true });
    expect(repository.list()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('the number of workflows is bounded', async () => {
    const folder = await temporaryFolder();
    for (const name of ['a', 'b', 'c']) await writeFile(join(folder, `${name}.yaml`), 'title: x');
    const repository = await startRepository(folder, { maxFiles: 2 });
    expect(repository.list().map((item) => item.path)).toEqual(['/a', '/b']);
    expect(await codeOf(() => repository.put('/d', 'title: x', { suffix: '.yaml' }))).toBe('too-large');
  });
});

describe('changes', () => {
  test('are told once each, after they took hold; a listener that fails disturbs nobody', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    const seen: string[] = [];
    repository.onChange(() => {
      throw new TypeError('a defect');
    });
    const end = repository.onChange((change: RepositoryChange) =>
      seen.push(`${change.kind} ${change.path} ${titleAt(repository, change.path) ?? '-'}`),
    );
    await repository.put('/x', 'title: one', { suffix: '.yaml' });
    await repository.put('/x', 'title: two', { ifMatch: '*' });
    await repository.rescan();
    await rename(join(folder, 'x.yaml'), join(folder, 'y.yaml'));
    await repository.rescan();
    await repository.remove('/y');
    end();
    await repository.put('/x', 'title: one', { suffix: '.yaml' });
    expect(seen.sort()).toEqual(
      ['added /x one', 'added /y two', 'changed /x two', 'removed /x -', 'removed /y -'].sort(),
    );
  });
});

test('a folder that is away as a whole leaves its workflows serving', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'w'));
  await writeFile(join(folder, 'w/a.yaml'), 'title: a');
  const repository = await startRepository(join(folder, 'w'));
  await rename(join(folder, 'w'), join(folder, 'away'));
  expect(await codeOf(() => repository.rescan())).toBe('not-found');
  expect(titleAt(repository, '/a')).toBe('a');
  await rename(join(folder, 'away'), join(folder, 'w'));
  await repository.rescan();
  expect(titleAt(repository, '/a')).toBe('a');
});

test('a folder that does not exist is named at the start', async () => {
  const folder = await temporaryFolder();
  expect(await codeOf(() => startRepository(join(folder, 'none')))).toBe('startup');
});
