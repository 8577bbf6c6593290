import { fail } from '../model/errors.ts';
import type { Job } from '../model/job.ts';
import {
  type Action,
  type Permission,
  type Principal,
  type Role,
  roles,
  type Scope,
  type SharedArea,
} from '../model/principal.ts';
import type { Store } from '../store.ts';

/** Who may do what: roles, permissions along repository paths, shared files, ownership of jobs, scopes of tokens. */
export interface Access {
  mayPath(principal: Principal, action: Action, path: string): boolean;
  /** Throws `not-found` when the path may not even be read, `forbidden` when only the action is refused. */
  requirePath(principal: Principal, action: Action, path: string): void;
  mayShare(principal: Principal, action: SharedAction, area: SharedArea): boolean;
  /** Throws `not-found` when the area may not even be read, `forbidden` when only writing is refused. */
  requireShared(principal: Principal, action: SharedAction, area: SharedArea): void;
  maySeeJob(principal: Principal, job: Pick<Job, 'owner'>): boolean;
  mayChangeJob(principal: Principal, job: Pick<Job, 'owner'>): boolean;
  /** True when every job is visible, so that a list needs no filter. */
  seesAllJobs(principal: Principal): boolean;
  requireRole(principal: Principal, ...anyOf: Role[]): void;
  requireScope(principal: Principal, scope: Scope): void;
  /** Reads the permissions again; call it after they changed. */
  reload(): Promise<void>;
}

/** What a role may do with workflows where no permission says otherwise. */
const byRole: Readonly<Record<Role, readonly Action[]>> = {
  admin: ['read', 'run', 'write'],
  operator: ['read', 'run', 'write'],
  user: ['read', 'run'],
  viewer: ['read'],
  'kie-server': ['read', 'run'],
};

type SharedAction = 'read' | 'write';

const runners: readonly Role[] = ['admin', 'operator', 'user', 'kie-server'];
const keepers: readonly Role[] = ['admin', 'operator'];

/**
 * Who may read and write shared files. Whoever runs jobs brings files for them; what others' jobs rely on is changed by
 * those alone who may change workflows too.
 */
const sharedByRole: Readonly<Record<SharedArea, Readonly<Record<SharedAction, readonly Role[]>>>> = {
  data: { read: roles, write: keepers },
  temp: { read: roles, write: runners },
  backup: { read: keepers, write: keepers },
  system: { read: ['admin'], write: ['admin'] },
  uploads: { read: runners, write: runners },
};

export function createAccess(store: Pick<Store, 'listPermissions'>): Access {
  let permissions = new Map<string, Permission[]>();

  const subjectIs = ({ subject }: Permission, { name, groups }: Principal): boolean =>
    'user' in subject ? subject.user === name : groups.includes(subject.group);

  /** The entries of the nearest folder upwards that has any; they replace what roles give. */
  const entriesAt = (path: string): Permission[] | undefined => {
    for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0)) || '/') {
      const entries = permissions.get(at);
      if (entries || at === '/') return entries;
    }
  };

  const hasRole = (principal: Principal, ...anyOf: Role[]): boolean =>
    anyOf.some((role) => principal.roles.includes(role));

  const mayPath = (principal: Principal, action: Action, path: string): boolean => {
    if (!scopeAllows(principal, action)) return false;
    if (hasRole(principal, 'admin')) return true;
    const entries = entriesAt(path);
    if (entries) return entries.some((entry) => entry.actions.includes(action) && subjectIs(entry, principal));
    return principal.roles.some((role) => byRole[role].includes(action));
  };

  const mayShare = (principal: Principal, action: SharedAction, area: SharedArea): boolean =>
    sharedScopeAllows(principal, action, area) && hasRole(principal, ...sharedByRole[area][action]);

  return {
    mayPath,
    requirePath(principal, action, path) {
      if (mayPath(principal, action, path)) return;
      if (!mayPath(principal, 'read', path))
        throw fail('not-found', `There is no workflow ${path}, or you may not see it.`);
      throw fail('forbidden', `User ${principal.name} may not ${action} ${path}.`);
    },
    mayShare,
    requireShared(principal, action, area) {
      if (mayShare(principal, action, area)) return;
      if (!mayShare(principal, 'read', area))
        throw fail('not-found', `There are no shared files called ${area}, or you may not see them.`);
      throw fail('forbidden', `User ${principal.name} may not write shared files of ${area}.`);
    },
    maySeeJob: (principal, job) => job.owner === principal.name || hasRole(principal, 'admin', 'operator', 'viewer'),
    mayChangeJob: (principal, job) => job.owner === principal.name || hasRole(principal, 'admin', 'operator'),
    seesAllJobs: (principal) => hasRole(principal, 'admin', 'operator', 'viewer'),
    requireRole(principal, ...anyOf) {
      if (!hasRole(principal, ...anyOf))
        throw fail(
          'forbidden',
          `This needs the role ${anyOf.join(' or ')}; user ${principal.name} has ${principal.roles.join(', ') || 'none'}.`,
        );
    },
    requireScope(principal, scope) {
      if (principal.scopes && !principal.scopes.includes(scope) && !principal.scopes.includes('admin')) {
        throw fail(
          'forbidden',
          `This token may not be used for ${scope}; it is limited to ${principal.scopes.join(', ')}.`,
        );
      }
    },
    async reload() {
      const read = new Map<string, Permission[]>();
      for (const entry of await store.listPermissions()) read.set(entry.path, [...(read.get(entry.path) ?? []), entry]);
      permissions = read;
    },
  };
}

const scopesFor: Readonly<Record<Action, readonly Scope[]>> = {
  read: ['workflows:read', 'workflows:write', 'jobs:run', 'admin'],
  run: ['jobs:run', 'admin'],
  write: ['workflows:write', 'admin'],
};

/** A token for running jobs is good for the files of jobs, not for changing what others rely on. */
const sharedScopeAllows = ({ scopes }: Principal, action: SharedAction, area: SharedArea): boolean => {
  const forJobs = action === 'read' || area === 'temp' || area === 'uploads';
  const needed: readonly Scope[] = [
    'files:write',
    'admin',
    ...(action === 'read' ? (['files:read'] as const) : []),
    ...(forJobs ? (['jobs:run'] as const) : []),
  ];
  return !scopes || needed.some((scope) => scopes.includes(scope));
};

const scopeAllows = ({ scopes }: Principal, action: Action): boolean =>
  !scopes || scopesFor[action].some((scope) => scopes.includes(scope));
