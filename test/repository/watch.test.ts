import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRepository, temporaryFolder, until } from './support.ts';

const watched = async (folder: string) => {
  const repository = await startRepository(folder, { watch: true });
  const seen: string[] = [];
  repository.onChange(({ kind, path }) => seen.push(`${kind} ${path}`));
  const titleAt = (path: string) => repository.find(path)?.current?.info.title;
  return { repository, seen, titleAt };
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('an atomic replace is seen as one change', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.yaml'), 'title: one');
  const { seen, titleAt } = await watched(folder);
  await writeFile(join(folder, '.a.yaml.swp'), 'title: two');
  await rename(join(folder, '.a.yaml.swp'), join(folder, 'a.yaml'));
  await until(() => titleAt('/a') === 'two', 'the new title');
  await pause(200);
  expect(seen).toEqual(['changed /a']);
});

test('a new folder within a new folder is seen with its files', async () => {
  const folder = await temporaryFolder();
  const { seen, titleAt } = await watched(folder);
  await mkdir(join(folder, 'A/B/C'), { recursive: true });
  await writeFile(join(folder, 'A/B/C/x.yaml'), 'title: deep');
  await until(() => titleAt('/A/B/C/x') === 'deep', 'the deep file');
  await pause(200);
  expect(seen).toEqual(['added /A/B/C/x']);
});

test('deleted files and folders are gone, a moved folder is at its new place', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'A/B'), { recursive: true });
  for (const name of ['top', 'A/one', 'A/B/two']) await writeFile(join(folder, `${name}.yaml`), `title: ${name}`);
  const { repository, titleAt } = await watched(folder);
  await rm(join(folder, 'top.yaml'));
  await until(() => !repository.find('/top'), 'the file to go');
  await rename(join(folder, 'A'), join(folder, 'Z'));
  await until(
    () => titleAt('/Z/B/two') === 'A/B/two' && titleAt('/Z/one') && !repository.find('/A/one'),
    'the folder to move',
  );
  await rm(join(folder, 'Z'), { recursive: true });
  await until(() => repository.list({ deep: true }).length === 0, 'the folder to go');
});

test('a file is broken, serves its last good version, and is mended', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.yaml'), 'title: good');
  const { repository, titleAt } = await watched(folder);
  await writeFile(join(folder, 'a.yaml'), 'title: [');
  await until(() => repository.get('/a').issues.length === 1, 'the issue');
  expect(titleAt('/a')).toBe('good');
  await writeFile(join(folder, 'a.yaml'), 'title: mended');
  await until(() => titleAt('/a') === 'mended', 'the mended title');
  expect(repository.get('/a').issues).toEqual([]);
});

test('our own writes make no second version and no second change', async () => {
  const folder = await temporaryFolder();
  const { repository, seen } = await watched(folder);
  await repository.put('/x', 'title: one', { suffix: '.yaml' });
  await repository.put('/x', 'title: two', { ifMatch: '*' });
  await repository.move('/x', '/y');
  await repository.remove('/y');
  await pause(400);
  expect(seen).toEqual(['added /x', 'changed /x', 'removed /x', 'added /y', 'removed /y']);
  expect(repository.versions.versions.size).toBe(2);
});

test('a link that appears is not followed', async () => {
  const folder = await temporaryFolder();
  const outside = await temporaryFolder();
  await writeFile(join(outside, 'secret.yaml'), 'title: secret');
  const { repository, titleAt } = await watched(folder);
  await symlink(outside, join(folder, 'out'));
  await symlink(join(outside, 'secret.yaml'), join(folder, 'secret.yaml'));
  await writeFile(join(folder, 'last.yaml'), 'title: last');
  await until(() => titleAt('/last'), 'the file written last');
  expect(repository.list({ deep: true }).map((item) => item.path)).toEqual(['/last']);
});

test('hundreds of files at once all arrive', async () => {
  const folder = await temporaryFolder();
  const { repository } = await watched(folder);
  await mkdir(join(folder, 'many'));
  await Promise.all(
    Array.from({ length: 500 }, (_, i) => writeFile(join(folder, 'many', `${i}.yaml`), `title: t${i}`)),
  );
  const good = () =>
    repository.list({ deep: true }).filter((item) => item.kind === 'workflow' && item.workflow.current);
  await until(() => good().length === 500, '500 workflows');
});

test('without watching, the periodic look finds what changed', async () => {
  const folder = await temporaryFolder();
  const repository = await startRepository(folder, { rescanMs: 50 });
  await mkdir(join(folder, 'A'));
  await writeFile(join(folder, 'A/x.yaml'), 'title: one');
  await until(() => repository.find('/A/x')?.current, 'the file');
  await rm(join(folder, 'A'), { recursive: true });
  await until(() => repository.list({ deep: true }).length === 0, 'the folder to go');
});

test('after the stop nothing is watched any more', async () => {
  const folder = await temporaryFolder();
  const { repository, seen } = await watched(folder);
  await repository.stop!(1000);
  await writeFile(join(folder, 'x.yaml'), 'title: one');
  await pause(200);
  expect(seen).toEqual([]);
});
