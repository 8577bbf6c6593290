import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Item } from '../../src/repository/items.ts';
import { rawZip } from './raw-zip.ts';
import { codeOf, startRepository, temporaryFolder } from './support.ts';

const pathsOf = ({ kind, path, children = [] }: Item): string[] => [`${kind} ${path}`, ...children.flatMap(pathsOf)];
const content = (words: string | Buffer) => Readable.from([Buffer.from(words)]);
const limits = { maxBytes: 1_000_000 };

async function sample() {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'A/B'), { recursive: true });
  await mkdir(join(folder, 'A/secret'));
  await writeFile(join(folder, 'A/wf.yaml'), 'title: One');
  await writeFile(join(folder, 'A/wf.json'), '{"title":"Two"}');
  await writeFile(join(folder, 'A/data.csv'), 'a;b');
  await writeFile(join(folder, 'A/.hidden'), 'x');
  await writeFile(join(folder, 'A/B/deep.yaml'), 'title: Deep');
  await writeFile(join(folder, 'A/secret/key.txt'), 'x');
  return { folder, repository: await startRepository(folder) };
}

describe('an item', () => {
  test('is a folder, a workflow or a plain file; of two files of one name the second is plain', async () => {
    const { repository } = await sample();
    expect(pathsOf(await repository.items.get('/', Number.POSITIVE_INFINITY))).toEqual([
      'folder /',
      'folder /A',
      'folder /A/B',
      'workflow /A/B/deep',
      'file /A/data.csv',
      'folder /A/secret',
      'file /A/secret/key.txt',
      'workflow /A/wf',
      'file /A/wf.yaml',
    ]);
    expect((await repository.items.get('/A', 1)).children?.every(({ children }) => children === undefined)).toBe(true);
    expect((await repository.items.get('/A')).children).toBeUndefined();
  });

  test('is found by the path of a workflow or of its file, never by a hidden name', async () => {
    const { repository } = await sample();
    expect((await repository.items.get('/A/B/deep.yaml')).path).toBe('/A/B/deep');
    expect(await text(await repository.items.open(await repository.items.get('/A/B/deep')))).toBe('title: Deep');
    expect(await repository.items.find('/A/.hidden')).toBeUndefined();
    expect(await codeOf(() => repository.items.get('/A/none'))).toBe('not-found');
    expect(await codeOf(() => repository.items.get('/../x'))).toBe('invalid-path');
  });
});

describe('putting', () => {
  test('a file whose name ends like a definition makes a workflow, and is checked', async () => {
    const { folder, repository } = await sample();
    const put = (path: string, words: string) =>
      repository.items.put(path, { as: 'file', content: content(words) }, limits);
    expect(await put('/A/new.yaml', 'title: New')).toMatchObject({
      path: '/A/new',
      created: true,
      workflows: [{ path: '/A/new' }],
    });
    expect(repository.get('/A/new').current?.info.title).toBe('New');
    expect(await codeOf(() => put('/A/new.yaml', 'nothing'))).toBe('invalid-definition');
    expect(await readFile(join(folder, 'A/new.yaml'), 'utf8')).toBe('title: New');
  });

  test('leaves nothing behind when it is refused', async () => {
    const { folder, repository } = await sample();
    const tries: [string, string, Parameters<typeof repository.items.put>[1]][] = [
      ['conflict', '/A/B', { as: 'file', content: content('x') }],
      ['conflict', '/A/data.csv', { as: 'definition', suffix: '.yaml', content: content('title: x') }],
      ['not-found', '/none/x', { as: 'file', content: content('x') }],
      ['too-large', '/A/large', { as: 'file', content: content('x'.repeat(1_000_001)) }],
      ['invalid-input', '/A/bad', { as: 'workflow archive', content: content('no archive') }],
      ['invalid-path', '/A/.hidden', { as: 'file', content: content('x') }],
    ];
    for (const [code, path, item] of tries)
      expect(await codeOf(() => repository.items.put(path, item, limits)), path).toBe(code);
    expect((await readdir(folder)).sort()).toEqual(['A']);
    expect((await readdir(join(folder, 'A'))).sort()).toEqual([
      '.hidden',
      'B',
      'data.csv',
      'secret',
      'wf.json',
      'wf.yaml',
    ]);
  });

  test('an archive asks for each path before anything is stored', async () => {
    const { repository } = await sample();
    const zip = rawZip([
      { name: 'r/a.txt', data: 'x' },
      { name: 'r/secret/new.yaml', data: 'title: x' },
    ]);
    const asked: string[] = [];
    const refuse = (path: string): void => {
      asked.push(path);
      if (path === '/A/secret/new') throw new Error('refused');
    };
    const put = repository.items.put(
      '/A',
      { as: 'folder archive', content: content(zip) },
      { ...limits, check: refuse },
    );
    await expect(put).rejects.toThrow('refused');
    expect(asked).toEqual(['/A/a.txt', '/A/secret/new.yaml', '/A/secret/new']);
    expect(await repository.items.find('/A/a.txt')).toBeUndefined();
  });
});

describe('copying a folder', () => {
  test('takes along what may be seen, workflows ready to run', async () => {
    const { repository } = await sample();
    const item = await repository.items.get('/A');
    await repository.items.copy(item, '/C', (path) => !path.startsWith('/A/secret'));
    expect(pathsOf(await repository.items.get('/C', 9))).toEqual([
      'folder /C',
      'folder /C/B',
      'workflow /C/B/deep',
      'file /C/data.csv',
      'workflow /C/wf',
      'file /C/wf.yaml',
    ]);
    expect(repository.get('/C/B/deep').current?.info.title).toBe('Deep');
    expect(await codeOf(() => repository.items.copy(item, '/C', () => true))).toBe('exists');
    expect(await codeOf(() => repository.items.copy(item, '/A/in', () => true))).toBe('conflict');
  });
});
