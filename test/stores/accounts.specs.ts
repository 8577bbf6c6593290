import { expect, it } from 'vitest';
import type { User } from '../../src/model/principal.ts';
import { me, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

const user = (change: Partial<User> = {}): User => ({
  name: 'ada',
  passwordHash: 'scrypt$…',
  roles: ['operator', 'user'],
  groups: [],
  enabled: true,
  createdAt: T0,
  revision: 1,
  ...change,
});
const token = { name: 'ci', user: 'ada', hash: 'h1', prefix: 'mr_12', enabled: true, createdAt: T0, updatedAt: T0 };

export function accountSpecs(subject: Subject): void {
  it('keeps versions for ever and the current one of a path', async () => {
    const { store } = subject;
    const info = { tags: { a: 'b' }, limits: { runMs: 5 }, onInterrupted: 'resume' as const };
    const version = { hash: '1'.repeat(64), runtime: 'serverless', source: 'do: []', info };
    await store.saveVersion(version, T0);
    await store.saveVersion(version, T0);
    expect(await store.findVersion(version.hash)).toEqual(version);
    expect(await store.findVersion('2'.repeat(64))).toBeUndefined();
    expect(await store.currentVersion('/a')).toBeUndefined();
    await store.setCurrentVersion('/a', version.hash, T0);
    expect(await store.currentVersion('/a')).toBe(version.hash);
    await store.setCurrentVersion('/a', undefined, T0);
    expect(await store.currentVersion('/a')).toBeUndefined();
    await store.saveVersion({ ...version, info: { ...info, title: 'New' } }, T0);
    expect((await store.findVersion(version.hash))?.info.title).toBe('New');
  });

  it('keeps queues; deletes none that has unfinished jobs, nor the default one', async () => {
    const { store } = subject;
    const queue = { name: 'etl', concurrency: 3, paused: true, description: 'Nightly.' };
    await store.saveQueue(queue);
    await store.saveQueue({ name: 'zz', paused: false });
    expect(await store.listQueues()).toEqual([
      { name: 'default', paused: false },
      queue,
      { name: 'zz', paused: false },
    ]);
    for (const change of [{}, { start: false }, { runAt: T0 + 9 }]) {
      const { job } = await store.insertJob(newJob({ queue: 'etl', ...change }));
      await expect(store.deleteQueue('etl')).rejects.toMatchObject({ code: 'conflict' });
      await store.cancelJob(job.id, { reason: 'x', at: T0 });
    }
    await store.deleteQueue('etl');
    await expect(store.deleteQueue('etl')).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.deleteQueue('default')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('counts the jobs of each queue by state', async () => {
    const { store } = subject;
    await store.saveQueue({ name: 'idle', paused: false });
    await store.insertJob(newJob(), { claim: me });
    await store.insertJob(newJob());
    await store.insertJob(newJob({ runAt: T0 + 10 }));
    await store.insertJob(newJob({ runAt: T0 + 20, queue: 'unnamed' }));
    const none = { ready: 0, delayed: 0, running: 0, waiting: 0 };
    expect(await store.countQueues(T0 + 10)).toEqual([
      { ...none, queue: 'default', ready: 2, running: 1 },
      { ...none, queue: 'idle' },
      { ...none, queue: 'unnamed', delayed: 1 },
    ]);
  });

  it('keeps users, each name once', async () => {
    const { store } = subject;
    await store.saveGroup({ name: 'data', description: 'Data people' });
    const ada = user({ groups: ['data'] });
    await store.saveUser(ada, 'new');
    await expect(store.saveUser(ada, 'new')).rejects.toMatchObject({ code: 'exists' });
    await expect(store.saveUser(user({ name: 'eve' }), 'old')).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.saveUser(user({ name: 'eve', groups: ['none'] }), 'new')).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await store.findUser('ada')).toEqual(ada);
    expect(await store.findUser('eve')).toBeUndefined();
    await store.saveUser({ ...ada, enabled: false, revision: 2, roles: [] }, 'old');
    expect(await store.listUsers()).toEqual([{ ...ada, enabled: false, revision: 2, roles: [] }]);
    await store.deleteGroup('data');
    expect((await store.findUser('ada'))?.groups).toEqual([]);
    expect(await store.listGroups()).toEqual([]);
  });

  it('removes tokens that ran out before a time, the oldest first, and no other', async () => {
    const { store } = subject;
    await store.saveUser(user(), 'new');
    const add = (name: string, expiresAt?: number) =>
      store.insertToken({ ...token, name, hash: `h ${name}`, ...(expiresAt === undefined ? {} : { expiresAt }) });
    for (const [name, expiresAt] of [
      ['late', T0 + 9],
      ['first', T0 + 1],
      ['second', T0 + 2],
    ] as const) {
      await add(name, expiresAt);
    }
    await add('for ever');
    const names = async () => (await store.listTokens()).map(({ name }) => name);
    expect(await store.pruneTokens({ before: T0 + 9, max: 1 })).toBe(1);
    expect(await names()).toEqual(['late', 'second', 'for ever']);
    expect(await store.pruneTokens({ before: T0 + 9, max: 5 })).toBe(1);
    expect(await store.pruneTokens({ before: T0 + 9, max: 5 })).toBe(0);
    expect(await names()).toEqual(['late', 'for ever']);
  });

  it('keeps tokens as long as their user', async () => {
    const { store } = subject;
    await expect(store.insertToken(token)).rejects.toMatchObject({ code: 'not-found' });
    await store.saveUser(user(), 'new');
    await store.saveUser(user({ name: 'eve' }), 'new');
    const first = await store.insertToken({ ...token, scopes: ['jobs:read'], expiresAt: T0 + 5 });
    const second = await store.insertToken({ ...token, user: 'eve', hash: 'h2' });
    expect(await store.findToken('h1')).toEqual({ ...token, id: first.id, scopes: ['jobs:read'], expiresAt: T0 + 5 });
    expect(await store.findToken('h3')).toBeUndefined();
    expect(await store.listTokens()).toEqual([first, second]);
    expect(await store.listTokens('eve')).toEqual([second]);
    const changed = { ...second, name: 'cd', description: 'Nightly.', enabled: false, updatedAt: T0 + 9 };
    await store.updateToken(changed);
    expect(await store.findToken('h2')).toEqual(changed);
    await store.updateToken(second);
    expect(await store.findToken('h2')).toEqual(second);
    await expect(store.updateToken({ ...second, id: 999 })).rejects.toMatchObject({ code: 'not-found' });
    await store.deleteToken(second.id);
    await expect(store.deleteToken(second.id)).rejects.toMatchObject({ code: 'not-found' });
    await store.deleteUser('ada');
    expect(await store.listTokens()).toEqual([]);
    await expect(store.deleteUser('ada')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps the name of a token to itself where that is asked for', async () => {
    const { store } = subject;
    await store.saveUser(user(), 'new');
    await store.saveUser(user({ name: 'eve' }), 'new');
    const unique = { uniqueName: true };
    await store.insertToken(token, unique);
    await expect(store.insertToken({ ...token, hash: 'h2' }, unique)).rejects.toMatchObject({ code: 'exists' });
    await store.insertToken({ ...token, hash: 'h3', user: 'eve' }, unique);
    await store.insertToken({ ...token, hash: 'h4' });
    expect((await store.listTokens('ada')).map(({ hash }) => hash)).toEqual(['h1', 'h4']);
  });

  it('replaces what a subject may do at a path, and takes it away with its subject', async () => {
    const { store } = subject;
    await store.saveUser(user(), 'new');
    await store.savePermission({ path: '/A', subject: { user: 'ada' }, actions: ['read'] });
    await store.savePermission({ path: '/A', subject: { user: 'ada' }, actions: ['read', 'run'] });
    await store.savePermission({ path: '/A', subject: { group: 'ada' }, actions: ['write'] });
    expect(await store.listPermissions()).toEqual([
      { path: '/A', subject: { group: 'ada' }, actions: ['write'] },
      { path: '/A', subject: { user: 'ada' }, actions: ['read', 'run'] },
    ]);
    await store.savePermission({ path: '/A', subject: { group: 'ada' }, actions: [] });
    await store.deleteUser('ada');
    expect(await store.listPermissions()).toEqual([]);
  });

  it('pages through the audit trail, newest first', async () => {
    const { store } = subject;
    for (let at = 1; at <= 5; at++) await store.appendAudit({ at, actor: 'ada', action: 'login', target: `t${at}` });
    const first = await store.listAudit({ limit: 3 });
    expect(first.items.map(({ at }) => at)).toEqual([5, 4, 3]);
    const second = await store.listAudit({ limit: 3, cursor: first.next! });
    expect(second.items.map(({ at }) => at)).toEqual([2, 1]);
    expect(second.next).toBeUndefined();
  });
}
