import { execFileSync } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { openFolder } from '../../src/repository/folder.ts';
import { parseRepositoryPath, rootPath } from '../../src/repository/safe-path.ts';
import { hostilePaths } from './hostile-paths.ts';
import { codeOf, temporaryFolder } from './support.ts';

const p = parseRepositoryPath;
const secret = 'the secret outside';

/** A folder with a secret beside it, and links of every kind in it. */
async function trap() {
  const base = await temporaryFolder();
  await mkdir(join(base, 'folder/sub'), { recursive: true });
  await mkdir(join(base, 'outside/deep'), { recursive: true });
  await writeFile(join(base, 'secret.txt'), secret);
  await writeFile(join(base, 'outside/secret.txt'), secret);
  await writeFile(join(base, 'outside/deep/secret.txt'), secret);
  await writeFile(join(base, 'folder/plain.txt'), 'plain');
  await writeFile(join(base, 'folder/sub/plain.txt'), 'plain');
  const links: [string, string][] = [
    ['../secret.txt', 'file'],
    [join(base, 'secret.txt'), 'absolute'],
    ['../outside', 'dir'],
    [join(base, 'outside'), 'dir-absolute'],
    ['..', 'up'],
    ['/', 'slash'],
    ['plain.txt', 'inner'],
    ['sub', 'inner-dir'],
    ['loop', 'loop'],
    ['nowhere', 'dangling'],
    ['file', 'chain'],
  ];
  for (const [target, name] of links) await symlink(target, join(base, 'folder', name));
  await symlink('../../outside', join(base, 'folder/sub/dir'));
  return { base, folder: await openFolder(join(base, 'folder')) };
}

const throughLinks = [
  'file',
  'absolute',
  'chain',
  'dir',
  'dir/secret.txt',
  'dir/deep/secret.txt',
  'dir-absolute/secret.txt',
  'dir-absolute/deep',
  'sub/dir/secret.txt',
  'up/secret.txt',
  'up/folder/plain.txt',
  'slash/etc/passwd',
  'inner',
  'inner-dir',
  'inner-dir/plain.txt',
  'loop',
  'loop/x',
  'dangling',
  'plain.txt/x',
];

/** Everything outside the folder, as text, to compare before and after. */
async function outsideOf(base: string): Promise<string> {
  const names = await readdir(join(base, 'outside'), { recursive: true });
  const top = (await readdir(base)).filter((name) => name !== 'folder');
  return JSON.stringify([top, names.sort(), await readFile(join(base, 'outside/deep/secret.txt'), 'utf8')]);
}

describe('nothing from outside', () => {
  test.each(throughLinks.map((path) => [path]))('%s is not there for any verb', async (path) => {
    const { base, folder } = await trap();
    const before = await outsideOf(base);
    expect(await codeOf(() => folder.read(p(path)))).toBe('not-found');
    expect(await codeOf(() => folder.openRead(p(path)))).toBe('not-found');
    expect(await codeOf(() => folder.list(p(path)))).toBe('not-found');
    expect(await folder.stat(p(path))).toBeUndefined();
    expect(await codeOf(() => folder.remove(p(path)))).toBe('not-found');
    expect(await codeOf(() => folder.removeFolder(p(path)))).toBe('not-found');
    expect(await codeOf(() => folder.move(p(path), p('moved')))).toBe('not-found');
    for (const change of [
      () => folder.write(p(path), Buffer.from('changed')),
      () => folder.write(p(`${path}/new.txt`), Buffer.from('changed')),
      () => folder.makeFolder(p(path)),
      () => folder.makeFolder(p(`${path}/new`)),
      () => folder.move(p('plain.txt'), p(path)),
      () => folder.move(p('plain.txt'), p(`${path}/x`), { overwrite: true }),
    ])
      expect(['conflict', 'not-found', 'exists']).toContain(await codeOf(change));
    expect(await outsideOf(base)).toBe(before);
    expect(await readFile(join(base, 'folder/plain.txt'), 'utf8')).toBe('plain');
  });

  test('links are not listed', async () => {
    const { folder } = await trap();
    expect((await folder.list(rootPath)).map((entry) => `${entry.kind} ${entry.name}`)).toEqual([
      'file plain.txt',
      'folder sub',
    ]);
    expect((await folder.list(p('sub'))).map((entry) => entry.name)).toEqual(['plain.txt']);
  });

  test('the traversal corpus, raw, decoded once and decoded twice, reaches no byte', async () => {
    const { base, folder } = await trap();
    const before = await outsideOf(base);
    const decode = (encoded: string) => {
      try {
        return decodeURIComponent(encoded);
      } catch {
        return encoded;
      }
    };
    let tried = 0;
    for (const hostile of hostilePaths) {
      for (const form of new Set([
        hostile,
        decode(hostile),
        decode(decode(hostile)),
        encodeURI(toWellFormed(hostile)),
      ])) {
        tried++;
        expect(['invalid-path', 'not-found'], form).toContain(await codeOf(async () => folder.read(p(form))));
        expect(['invalid-path', 'not-found'], form).toContain(await codeOf(async () => folder.remove(p(form))));
        if ((await codeOf(() => p(form))) !== 'no error')
          expect(await codeOf(async () => folder.write(p(form), Buffer.from('x')))).toBe('invalid-path');
      }
    }
    expect(tried).toBeGreaterThan(500);
    expect(await outsideOf(base)).toBe(before);
  });

  test('a folder exchanged for a link while it is read and cleared gives and loses nothing outside', async () => {
    const { base, folder } = await trap();
    await writeFile(join(base, 'folder/sub/secret.txt'), 'inner');
    const before = await outsideOf(base);
    const real = join(base, 'folder/sub');
    const aside = join(base, 'folder/aside');
    const decoy = join(base, 'folder/decoy');
    await symlink(join(base, 'outside'), decoy);
    let going = true;
    const swapper = (async () => {
      while (going) {
        // Now and then a moment of rest in either state, so that reads get through in both.
        if (Math.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 2));
        await rename(real, aside);
        await rename(decoy, real);
        if (Math.random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 2));
        await rename(real, decoy);
        await rename(aside, real);
      }
    })();
    const seen = new Map<string, number>();
    const count = (result: string) => seen.set(result, (seen.get(result) ?? 0) + 1);
    const end = performance.now() + 1500;
    const outcome = (call: Promise<unknown>) => call.then(String, (error) => error.code as string);
    while (performance.now() < end) {
      const reads = Array.from({ length: 8 }, () => outcome(folder.read(p('sub/secret.txt'))));
      const others = [outcome(folder.remove(p('sub/deep/secret.txt'))), outcome(folder.removeFolder(p('sub/deep')))];
      for (const result of await Promise.all(reads)) count(result);
      await Promise.all(others);
    }
    going = false;
    await swapper;
    expect([...seen.keys()].filter((result) => result !== 'inner' && result !== 'not-found')).toEqual([]);
    expect(await outsideOf(base)).toBe(before);
    expect(await readFile(join(base, 'outside/secret.txt'), 'utf8')).toBe(secret);
    // Both happened, or the race was not run.
    expect(seen.get('inner')).toBeGreaterThan(0);
    expect(seen.get('not-found')).toBeGreaterThan(0);
  });

  test('a named pipe, a socket and a device do not hold up a reader', async () => {
    const base = await temporaryFolder();
    execFileSync('mkfifo', [join(base, 'pipe')]);
    const folder = await openFolder(base);
    expect(await codeOf(() => folder.read(p('pipe')))).toBe('not-found');
    expect(await codeOf(() => folder.write(p('pipe'), Buffer.from('x')))).toBe('conflict');
    expect(await folder.list(rootPath)).toEqual([]);
  });

  test('the folder itself may be reached through a link', async () => {
    const { base } = await trap();
    await symlink(join(base, 'folder'), join(base, 'alias'));
    const folder = await openFolder(join(base, 'alias'));
    expect(String(await folder.read(p('sub/plain.txt')))).toBe('plain');
    await folder.write(p('sub/new.txt'), Buffer.from('new'));
    expect(await readFile(join(base, 'folder/sub/new.txt'), 'utf8')).toBe('new');
  });
});

describe('recursive removal', () => {
  test('takes whatever a job left behind', async () => {
    const base = await temporaryFolder();
    await mkdir(join(base, 'work', ...Array(60).fill('deep')), { recursive: true });
    for (const name of ['a:b', 'line\nbreak', 'trail. ', '-rf', '..x']) await writeFile(join(base, 'work', name), '');
    execFileSync('mkfifo', [join(base, 'work/pipe')]);
    await symlink('/', join(base, 'work/root'));
    await (await openFolder(base)).removeFolder(p('work'));
    expect(await readdir(base)).toEqual([]);
  });

  test('never the folder itself, and it stops at links', async () => {
    const { base, folder } = await trap();
    const before = await outsideOf(base);
    expect(await codeOf(() => folder.removeFolder(rootPath))).toBe('invariant');
    await folder.removeFolder(p('sub'));
    expect(await folder.stat(p('sub'))).toBeUndefined();
    expect(await outsideOf(base)).toBe(before);
    expect(await codeOf(() => folder.removeFolder(p('plain.txt')))).toBe('not-found');
  });
});

describe('writing', () => {
  test('replaces the content at once and leaves no other file', async () => {
    const base = await temporaryFolder();
    const folder = await openFolder(base);
    await folder.write(p('A/B/x.txt'), Buffer.from('one'));
    const before = (await stat(join(base, 'A/B/x.txt'))).ino;
    const facts = await folder.write(p('A/B/x.txt'), Buffer.from('two!'));
    expect(facts).toEqual(await folder.stat(p('A/B/x.txt')));
    expect(facts.bytes).toBe(4);
    expect((await stat(join(base, 'A/B/x.txt'))).ino).not.toBe(before);
    expect(await readdir(join(base, 'A/B'))).toEqual(['x.txt']);
  });

  test('readers see the old or the new content, never a part', async () => {
    const folder = await openFolder(await temporaryFolder());
    const contents = ['a', 'b'].map((letter) => Buffer.from(letter.repeat(200_000)));
    await folder.write(p('x'), contents[0]!);
    let going = true;
    const writer = (async () => {
      for (let i = 0; i < 40; i++) await folder.write(p('x'), contents[i % 2]!);
      going = false;
    })();
    let reads = 0;
    while (going) {
      const bytes = await folder.read(p('x'));
      reads++;
      expect(contents.some((content) => content.equals(bytes))).toBe(true);
    }
    await writer;
    expect(reads).toBeGreaterThan(5);
  });

  test('a stream that ends in an error or is too long leaves the old content and no other file', async () => {
    const base = await temporaryFolder();
    const folder = await openFolder(base);
    await folder.write(p('x'), Buffer.from('old'));
    async function* failing() {
      yield Buffer.from('part');
      throw new RangeError('the client left');
    }
    async function* endless() {
      for (;;) yield Buffer.alloc(1000);
    }
    await expect(folder.write(p('x'), failing())).rejects.toThrow('the client left');
    expect(await codeOf(() => folder.write(p('x'), endless(), { maxBytes: 10_000 }))).toBe('too-large');
    expect(await readdir(base)).toEqual(['x']);
    expect(String(await folder.read(p('x')))).toBe('old');
  });

  test('files are not executable unless asked for, folders are open to read', async () => {
    const base = await temporaryFolder();
    const folder = await openFolder(base);
    await folder.write(p('A/x'), Buffer.from('x'));
    await folder.write(p('A/y'), Buffer.from('y'), { executable: true });
    const modeOf = async (name: string) => (await stat(join(base, name))).mode & 0o7777 & ~process.umask();
    expect([await modeOf('A/x'), await modeOf('A/y'), await modeOf('A')]).toEqual([0o644, 0o755, 0o755]);
  });

  test('a file is not made in the place of a folder, nor a folder in the place of a file', async () => {
    const folder = await openFolder(await temporaryFolder());
    await folder.write(p('A/x'), Buffer.from('x'));
    expect(await codeOf(() => folder.write(p('A'), Buffer.from('x')))).toBe('conflict');
    expect(await codeOf(() => folder.write(rootPath, Buffer.from('x')))).toBe('conflict');
    expect(await codeOf(() => folder.write(p('A/x/y'), Buffer.from('x')))).toBe('conflict');
    expect(await codeOf(() => folder.makeFolder(p('A/x')))).toBe('conflict');
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written says so', async () => {
    const base = await temporaryFolder();
    const folder = await openFolder(base);
    await chmod(base, 0o555);
    expect(await codeOf(() => folder.write(p('x'), Buffer.from('x')))).toBe('store-unavailable');
    await chmod(base, 0o755);
  });
});

describe('reading', () => {
  test('a range is streamed, and a file over the limit is refused', async () => {
    const folder = await openFolder(await temporaryFolder());
    await folder.write(p('x'), Buffer.from('0123456789'));
    const { stream, facts } = await folder.openRead(p('x'), { start: 2, end: 4 });
    expect(await text(stream)).toBe('234');
    expect(facts.bytes).toBe(10);
    expect(await codeOf(() => folder.read(p('x'), { maxBytes: 9 }))).toBe('too-large');
    expect(String(await folder.read(p('x'), { maxBytes: 10 }))).toBe('0123456789');
  });

  test('no descriptor stays open, whatever the outcome', async () => {
    const { folder } = await trap();
    const count = async () => (await readdir('/proc/self/fd')).length;
    const before = await count();
    for (let i = 0; i < 50; i++) {
      await folder.read(p('plain.txt'));
      await codeOf(() => folder.read(p('file')));
      await codeOf(() => folder.read(p('dir/secret.txt')));
      await codeOf(() => folder.read(p('plain.txt'), { maxBytes: 1 }));
      await folder.write(p('w'), Buffer.from('w'));
    }
    expect(await count()).toBeLessThanOrEqual(before + 1);
  });

  test('names that no path can have are left out and told of', async () => {
    const base = await temporaryFolder();
    for (const name of ['good', 'a:b', 'trail.', 'e\u0301', 'line\nbreak', '%2e%2e'])
      await writeFile(join(base, name), '');
    const told: string[] = [];
    const entries = await (await openFolder(base)).list(rootPath, (name) => told.push(name));
    expect(entries.map((entry) => entry.name)).toEqual(['good']);
    expect(told).toHaveLength(5);
  });
});

describe('moving', () => {
  test('refuses to overwrite unless asked, and never moves a folder into itself', async () => {
    const base = await temporaryFolder();
    const folder = await openFolder(base);
    await folder.write(p('A/x'), Buffer.from('x'));
    await folder.write(p('B/y'), Buffer.from('y'));
    expect(await codeOf(() => folder.move(p('A/x'), p('B/y')))).toBe('exists');
    expect(await codeOf(() => folder.move(p('A'), p('B'), { overwrite: true }))).toBe('exists');
    expect(await codeOf(() => folder.move(p('A'), p('A/inner')))).toBe('conflict');
    expect(await codeOf(() => folder.move(rootPath, p('Z')))).toBe('not-found');
    await folder.move(p('A/x'), p('B/y'), { overwrite: true });
    expect(String(await folder.read(p('B/y')))).toBe('x');
    await folder.move(p('B'), p('C/D'));
    expect(String(await folder.read(p('C/D/y')))).toBe('x');
    expect(await codeOf(() => folder.stat(p('B')))).toBe('no error');
    expect(await folder.stat(p('B'))).toBeUndefined();
  });
});

test('a link that is only renamed stays what it was', async () => {
  // What a write must never do: follow the link and change the file behind it.
  const { base, folder } = await trap();
  await codeOf(() => folder.write(p('file'), Buffer.from('x')));
  expect(await readlink(join(base, 'folder/file'))).toBe('../secret.txt');
  await link(join(base, 'folder/plain.txt'), join(base, 'folder/hard.txt'));
  await folder.write(p('hard.txt'), Buffer.from('new'));
  expect(String(await folder.read(p('plain.txt')))).toBe('plain');
  await rm(join(base, 'folder/hard.txt'));
});

function toWellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd');
}
