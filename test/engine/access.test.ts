import { beforeAll, describe, expect, it } from 'vitest';
import { type Access, createAccess } from '../../src/engine/access.ts';
import { type Action, actions, type Permission, type Principal, type Role, roles } from '../../src/model/principal.ts';

const permissions: Permission[] = [
  { path: '/Finance', subject: { group: 'finance' }, actions: ['read', 'run'] },
  { path: '/Finance', subject: { user: 'boss' }, actions: ['read', 'run', 'write'] },
  { path: '/Finance/Secret', subject: { user: 'boss' }, actions: ['read'] },
];

const someone = (role: Role, extra: Partial<Principal> = {}): Principal => ({
  name: 'someone',
  roles: [role],
  groups: [],
  ...extra,
});

/** Every cell of role and action where no permission is set. */
const byRole: Record<Role, readonly Action[]> = {
  admin: ['read', 'run', 'write'],
  operator: ['read', 'run', 'write'],
  user: ['read', 'run'],
  viewer: ['read'],
  'kie-server': ['read', 'run'],
};

describe('access', () => {
  let access: Access;
  beforeAll(async () => {
    access = createAccess({ listPermissions: async () => permissions });
    await access.reload();
  });

  it.each(
    roles.flatMap((role) => actions.map((action) => [role, action] as const)),
  )('of %s to %s is what its role gives', (role, action) => {
    expect(access.mayPath(someone(role), action, '/Examples/a')).toBe(byRole[role].includes(action));
  });

  it('at a folder with permissions is theirs alone, administrators aside', () => {
    expect(access.mayPath(someone('operator'), 'read', '/Finance/a')).toBe(false);
    expect(access.mayPath(someone('admin'), 'write', '/Finance/a')).toBe(true);
    expect(access.mayPath(someone('viewer', { groups: ['finance'] }), 'run', '/Finance/a/b')).toBe(true);
    expect(access.mayPath(someone('viewer', { groups: ['finance'] }), 'write', '/Finance/a')).toBe(false);
  });

  it('follows the nearest folder upwards', () => {
    const boss = someone('user', { name: 'boss' });
    expect(access.mayPath(boss, 'write', '/Finance/a')).toBe(true);
    expect(access.mayPath(boss, 'run', '/Finance/Secret/a')).toBe(false);
    expect(access.mayPath(boss, 'read', '/Finance/Secret/a')).toBe(true);
    // A name that only begins alike is another folder.
    expect(access.mayPath(someone('user'), 'run', '/FinanceOld/a')).toBe(true);
  });

  it('tells nothing of what may not be read', () => {
    const thrown = (path: string) => {
      try {
        access.requirePath(someone('user'), 'run', path);
        return undefined;
      } catch (error) {
        return error as { code: string; message: string };
      }
    };
    expect(thrown('/Finance/there')?.code).toBe('not-found');
    expect(thrown('/Examples/a')).toBeUndefined();
  });

  it('of a token is no more than its scopes', () => {
    const reader = someone('admin', { scopes: ['workflows:read'] });
    expect(access.mayPath(reader, 'read', '/Examples/a')).toBe(true);
    expect(access.mayPath(reader, 'run', '/Examples/a')).toBe(false);
    expect(access.mayPath(someone('admin', { scopes: ['jobs:run'] }), 'write', '/Examples/a')).toBe(false);
    expect(access.mayPath(someone('viewer', { scopes: ['workflows:write'] }), 'write', '/Examples/a')).toBe(false);
  });

  it('to a job of another is for those who operate or watch the server', () => {
    const job = { owner: 'other' };
    expect(roles.filter((role) => access.maySeeJob(someone(role), job))).toEqual(['admin', 'operator', 'viewer']);
    expect(roles.filter((role) => access.mayChangeJob(someone(role), job))).toEqual(['admin', 'operator']);
    expect(access.mayChangeJob(someone('user'), { owner: 'someone' })).toBe(true);
  });
});
