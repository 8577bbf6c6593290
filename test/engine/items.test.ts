import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/engine/access.ts';
import { createFolders } from '../../src/engine/folders.ts';
import { createItems, type Items, type NewItem } from '../../src/engine/items.ts';
import { createPublished, type Published } from '../../src/engine/published.ts';
import { fail } from '../../src/model/errors.ts';
import type { Job } from '../../src/model/job.ts';
import type { Permission, Principal } from '../../src/model/principal.ts';
import type { Repository } from '../../src/repository/repository.ts';
import type { Store } from '../../src/store.ts';
import { openStore } from '../../src/stores/index.ts';
import { rawZip } from '../repository/raw-zip.ts';
import { codeOf, startRepository, temporaryFolder } from '../repository/support.ts';
import { T0 } from '../stores/samples.ts';

const ada: Principal = { name: 'ada', roles: ['operator'], groups: [] };
const ben: Principal = { name: 'ben', roles: ['operator'], groups: [] };
const permissions: Permission[] = [
  { path: '/Locked', subject: { user: 'ada' }, actions: ['read', 'write'] },
  { path: '/Open/Locked', subject: { user: 'ada' }, actions: ['read', 'write'] },
];
const content = (bytes: string | Buffer) => Readable.from([Buffer.from(bytes)]);
const definition = (title: string): NewItem => ({ as: 'definition', suffix: '.yaml', content: content(title) });
const limits = { maxBytes: 1_000_000 };

let folder: string;
let store: Store;
let repository: Repository;
let published: Published;
let items: Items;
let folders: ReturnType<typeof createFolders>;
let isFull = false;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-items-'));
  ({ store } = await openStore(folder, { threads: false }));
  repository = await startRepository(await temporaryFolder());
  const access = createAccess({ listPermissions: async () => permissions });
  await access.reload();
  isFull = false;
  const checkRoom = () => {
    if (isFull) throw fail('disk-full', 'No room.');
  };
  const clock = () => T0;
  const audit = async () => {};
  published = createPublished({ store, clock });
  items = createItems({
    repository,
    access,
    audit,
    published,
    intake: {
      checkRoom,
      async *whileThereIsRoom(source) {
        for await (const chunk of source) {
          checkRoom();
          yield chunk;
        }
      },
    },
    jobs: {
      latest: async () => ({ workflow: '/Locked/wf', version: '' }) as Job,
      definition: async () => repository.get('/Locked/wf').current!,
    },
  });
  folders = createFolders({ repository, store, published, access, audit, clock });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Who put what there, as every API tells it. */
const authors = async (): Promise<Record<string, string | undefined>> => {
  const workflows = repository.list({ deep: true }).flatMap((item) => (item.kind === 'workflow' ? item.workflow : []));
  const records = await published.records(workflows);
  const views = await folders.list(ada);
  return Object.fromEntries([
    ...views.filter(({ path }) => path !== '/').map(({ path, author }) => [`${path}/`, author]),
    ...workflows.map(({ path }) => [path, records.get(path)!.publishedBy]),
  ]);
};

describe('who put something there', () => {
  it('is known of a definition, and of all that comes in an archive', async () => {
    await items.put(ben, '/one', definition('title: One'), limits);
    const zip = rawZip([
      { name: 'A/wf.yaml', data: 'title: Two' },
      { name: 'A/deep/x.txt', data: 'x' },
    ]);
    await items.put(ada, '/A', { as: 'folder archive', content: content(zip) }, limits);
    expect(await authors()).toEqual({ '/one': 'ben', '/A/': 'ada', '/A/deep/': 'ada', '/A/wf': 'ada' });
    const other = rawZip([{ name: 'A/wf.yaml', data: 'title: Three' }]);
    await items.put(ben, '/A', { as: 'folder archive', content: content(other) }, limits);
    expect(await authors()).toEqual({ '/one': 'ben', '/A/': 'ada', '/A/deep/': 'ada', '/A/wf': 'ben' });
  });

  it('goes along when it is moved, is who copied it when it is copied, and is forgotten when it is removed', async () => {
    await folders.make(ada, '/A');
    await items.put(ada, '/A/wf', definition('title: One'), limits);
    await items.copy(ben, '/A', '/B');
    await items.copy(ben, '/A/wf', '/copy');
    await items.move(ben, '/A', '/C');
    await items.move(ben, '/C/wf', '/C/moved');
    expect(await authors()).toEqual({
      '/B/': 'ben',
      '/B/wf': 'ben',
      '/C/': 'ada',
      '/C/moved': 'ada',
      '/copy': 'ben',
    });
    await items.remove(ada, '/C');
    await items.remove(ada, '/copy');
    expect(await store.listNotes(['/A/', '/A/wf', '/C/', '/C/wf', '/C/moved', '/copy'])).toEqual([]);
  });
});

describe('rights', () => {
  it('of places deeper down count for what is copied or moved there', async () => {
    const zip = rawZip([{ name: 'A/Locked/x.txt', data: 'x' }]);
    await items.put(ada, '/A', { as: 'folder archive', content: content(zip) }, limits);
    for (const change of [items.copy, items.move])
      expect(await codeOf(() => change(ben, '/A', '/Open'))).toBe('not-found');
    expect(await items.copy(ada, '/A', '/Open')).toEqual({ created: true });
  });

  it('to read a workflow are needed to store what a job made of it', async () => {
    await folders.make(ada, '/Locked');
    await items.put(ada, '/Locked/wf', definition('title: One'), limits);
    expect(await codeOf(() => items.putJob(ben, '/mine', 1))).toBe('not-found');
    expect(repository.find('/mine')).toBeUndefined();
  });
});

it('takes nothing in while the disk is nearly full', async () => {
  isFull = true;
  expect(await codeOf(() => items.put(ada, '/one', definition('title: One'), limits))).toBe('disk-full');
  expect(repository.find('/one')).toBeUndefined();
});
