import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UploadEntry } from '../../src/repository/repository.ts';
import { parseRepositoryPath } from '../../src/repository/safe-path.ts';
import { codeOf, startRepository, temporaryFolder } from './support.ts';

const entry = (name: string, text: string): UploadEntry => ({
  path: parseRepositoryPath(name),
  kind: 'file',
  bytes: Buffer.byteLength(text),
  executable: false,
  async *read() {
    yield Buffer.from(text);
  },
});

describe('files that define no workflow', () => {
  it('are known from the start, and after each look through the folder as they are then', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'A/B'), { recursive: true });
    for (const file of ['A/w.yaml', 'A/one.csv', 'A/B/two.txt', '.hidden'])
      await writeFile(join(folder, file), 'title: x');
    const repository = await startRepository(folder);
    const all = (under = '/') => repository.plainFiles(under).map(({ path, bytes }) => `${path} ${bytes}`);
    expect(all()).toEqual(['/A/B/two.txt 8', '/A/one.csv 8']);
    expect(all('/A/B')).toEqual(['/A/B/two.txt 8']);
    await writeFile(join(folder, 'A/one.csv'), 'longer than before');
    await writeFile(join(folder, 'new.csv'), '');
    await rm(join(folder, 'A/B'), { recursive: true });
    await repository.rescan();
    expect(all()).toEqual(['/A/one.csv 18', '/new.csv 0']);
    await rm(join(folder, 'new.csv'));
    await repository.rescan();
    await repository.removeFolder('/A', { recursive: true });
    expect(all()).toEqual([]);
  });

  it('are known at once as they are after each change of an item', async () => {
    const folder = await temporaryFolder();
    for (const file of ['one.csv', 'two.csv']) await writeFile(join(folder, file), 'x');
    const repository = await startRepository(folder);
    const { items } = repository;
    const all = () => repository.plainFiles('/').map(({ path }) => path);
    await items.move(await items.get('/one.csv'), '/moved.csv');
    expect(all()).toEqual(['/moved.csv', '/two.csv']);
    await items.copy(await items.get('/two.csv'), '/copy.csv', () => true);
    expect(all()).toEqual(['/copy.csv', '/moved.csv', '/two.csv']);
    await items.remove(await items.get('/two.csv'));
    expect(all()).toEqual(['/copy.csv', '/moved.csv']);
  });

  it('come with workflows, all or none', async () => {
    const folder = await temporaryFolder();
    const repository = await startRepository(folder);
    await repository.makeFolder('/A');
    const { workflows, files } = await repository.putFiles('/A', [entry('w.yaml', 'title: one'), entry('d.csv', 'a')]);
    expect([workflows.map(({ path }) => path), files]).toEqual([['/A/w'], 2]);
    expect(repository.plainFiles('/')).toEqual([{ path: '/A/d.csv', bytes: 1 }]);
    const again = [entry('w.json', '{"title":"two"}'), entry('d.csv', 'ab')];
    expect(await codeOf(() => repository.putFiles('/A', again))).toBe('exists');
    expect(repository.get('/A/w').file).toBe('/A/w.yaml');
    await repository.putFiles('/A', again, { overwrite: true });
    expect(repository.get('/A/w').current?.info.title).toBe('two');
    expect(repository.get('/A/w').file).toBe('/A/w.json');
    expect(repository.plainFiles('/A')).toEqual([{ path: '/A/d.csv', bytes: 2 }]);
    const broken = [entry('x.csv', 'x'), entry('y.yaml', 'none')];
    expect(await codeOf(() => repository.putFiles('/A', broken))).toBe('invalid-definition');
    expect(repository.plainFiles('/A')).toHaveLength(1);
  });

  it('are told from definitions by their names', async () => {
    const repository = await startRepository(await temporaryFolder());
    expect(['A/a.yaml', '/a.JSON', 'a.csv', 'yaml', '.a.yaml'].map(repository.definedBy)).toEqual([
      '/A/a',
      '/a',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
