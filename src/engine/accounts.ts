import { randomBytes } from 'node:crypto';
import { fail } from '../model/errors.ts';
import type { Page } from '../model/page.ts';
import type { Group, Permission, Principal, Role, Scope, Token, User } from '../model/principal.ts';
import type { AuditEntry, Store } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import { type Credentials, principalFrom, tokenHash } from './credentials.ts';
import { hashPassword } from './passwords.ts';

/** Users, groups, tokens, permissions; and who a credential belongs to. */
export interface Accounts extends Omit<Credentials, 'forget'> {
  createUser(principal: Principal, user: NewUser): Promise<User>;
  updateUser(
    principal: Principal,
    name: string,
    change: Partial<Omit<NewUser, 'name'>> & { enabled?: boolean },
  ): Promise<User>;
  deleteUser(principal: Principal, name: string): Promise<void>;
  listUsers(principal: Principal): Promise<User[]>;
  getUser(principal: Principal, name: string): Promise<User>;
  /** The secret is in the answer and nowhere else. */
  createToken(principal: Principal, token: NewToken): Promise<{ token: Token; secret: string }>;
  /** Changes what is given; `null` takes a setting away. */
  updateToken(principal: Principal, id: number, change: TokenChange): Promise<Token>;
  /** One's own; an administrator sees all. */
  listTokens(principal: Principal): Promise<Token[]>;
  deleteToken(principal: Principal, id: number): Promise<void>;
  listGroups(principal: Principal): Promise<Group[]>;
  saveGroup(principal: Principal, group: Group): Promise<void>;
  deleteGroup(principal: Principal, name: string): Promise<void>;
  listPermissions(principal: Principal): Promise<Permission[]>;
  savePermission(principal: Principal, permission: Permission): Promise<void>;
  listAudit(
    principal: Principal,
    query: { limit: number; cursor?: string },
  ): Promise<Page<AuditEntry & { id: number }>>;
  /** The rights a user has now; none when it is gone or disabled. */
  principalNamed(name: string): Promise<Principal>;
}

export interface NewUser {
  name: string;
  password: string;
  roles: Role[];
  groups: string[];
}

export interface NewToken {
  name: string;
  description?: string;
  user?: string;
  scopes?: Scope[];
  expiresAt?: number;
  /** Instead of `expiresAt`: milliseconds from now. */
  livesMs?: number;
  /** Default true. */
  enabled?: boolean;
  /** True: throws `exists` when its user has one of that name. */
  uniqueName?: boolean;
  /** `hex`: 40 hexadecimal digits, for clients that expect nothing else in a token. */
  form?: 'hex';
}

export interface TokenChange {
  name?: string;
  description?: string | null;
  scopes?: Scope[] | null;
  expiresAt?: number | null;
  livesMs?: number;
  enabled?: boolean;
}

/** Begin of every API token, so that a leaked one is recognised. */
const TOKEN_PREFIX = 'mlr_';

export function createAccounts(parts: {
  store: Store;
  access: Access;
  credentials: Credentials;
  audit: Audit;
  clock: () => number;
}): Accounts {
  const { store, access, credentials, audit, clock } = parts;
  const { forget, ...checks } = credentials;

  const getUser = async (name: string): Promise<User> => {
    const user = await store.findUser(name);
    if (!user) throw fail('not-found', `There is no user ${name}.`);
    return user;
  };

  const admins = async (): Promise<User[]> =>
    (await store.listUsers()).filter(({ roles, enabled }) => enabled && roles.includes('admin'));

  /** Nobody could manage the server any more without an administrator. */
  const keepAnAdmin = async (name: string): Promise<void> => {
    const left = (await admins()).filter((user) => user.name !== name);
    if (left.length === 0) throw fail('conflict', `${name} is the last enabled administrator.`);
  };

  const ownToken = async (principal: Principal, id: number): Promise<Token> => {
    const token = (await store.listTokens()).find((one) => one.id === id);
    if (!token || (token.user !== principal.name && !principal.roles.includes('admin')))
      throw fail('not-found', `There is no token ${id}.`);
    return token;
  };

  /** A token never reaches further than the credential that makes or changes it. */
  const limitTo = ({ scopes: own }: Principal, scopes: readonly Scope[] | undefined): void => {
    if (!own || own.includes('admin') || scopes?.every((scope) => own.includes(scope))) return;
    throw fail('forbidden', `This token is limited to ${own.join(', ')} and cannot make one that may do more.`);
  };

  const changed = async (principal: Principal, action: string, target: string): Promise<void> => {
    forget();
    await audit(principal, action, target);
  };

  const adminOnly = (principal: Principal): void => {
    access.requireScope(principal, 'admin');
    access.requireRole(principal, 'admin');
  };

  return {
    ...checks,
    get generation() {
      return credentials.generation;
    },
    async createUser(principal, { name, password, roles, groups }) {
      adminOnly(principal);
      const user: User = {
        name,
        passwordHash: await hashPassword(password),
        roles,
        groups,
        enabled: true,
        createdAt: clock(),
        revision: 1,
      };
      await store.saveUser(user, 'new');
      await changed(principal, 'user.create', name);
      return user;
    },
    async updateUser(principal, name, change) {
      const self =
        principal.name === name &&
        change.roles === undefined &&
        change.groups === undefined &&
        change.enabled === undefined;
      if (!self) adminOnly(principal);
      const user = await getUser(name);
      const losesAdmin =
        user.roles.includes('admin') && (change.enabled === false || (change.roles && !change.roles.includes('admin')));
      if (losesAdmin) await keepAnAdmin(name);
      const { password, ...rest } = change;
      const next: User = {
        ...user,
        ...rest,
        ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }),
        revision: user.revision + 1,
      };
      await store.saveUser(next, 'old');
      await changed(principal, 'user.update', name);
      return next;
    },
    async deleteUser(principal, name) {
      adminOnly(principal);
      const user = await getUser(name);
      if (user.roles.includes('admin')) await keepAnAdmin(name);
      await store.deleteUser(name);
      await changed(principal, 'user.delete', name);
    },
    async listUsers(principal) {
      adminOnly(principal);
      return store.listUsers();
    },
    async getUser(principal, name) {
      if (principal.name !== name) adminOnly(principal);
      return getUser(name);
    },
    async createToken(principal, token) {
      const { name, user = principal.name, scopes, livesMs, description, enabled = true } = token;
      if (user !== principal.name) adminOnly(principal);
      limitTo(principal, scopes);
      if (!(await getUser(user)).enabled) throw fail('conflict', `User ${user} is disabled.`);
      const secret =
        token.form === 'hex' ? randomBytes(20).toString('hex') : TOKEN_PREFIX + randomBytes(32).toString('base64url');
      const now = clock();
      const expiresAt = livesMs === undefined ? token.expiresAt : now + livesMs;
      const made = await store.insertToken(
        {
          name,
          user,
          hash: tokenHash(secret),
          prefix: secret.slice(0, token.form === 'hex' ? 4 : TOKEN_PREFIX.length + 4),
          ...(description === undefined ? {} : { description }),
          ...(scopes ? { scopes } : {}),
          enabled,
          createdAt: now,
          updatedAt: now,
          ...(expiresAt === undefined ? {} : { expiresAt }),
        },
        { uniqueName: token.uniqueName === true },
      );
      await audit(principal, 'token.create', name);
      return { token: made, secret };
    },
    async updateToken(principal, id, change) {
      const { description, scopes, expiresAt, ...old } = await ownToken(principal, id);
      const at = clock();
      const ends = change.livesMs === undefined ? change.expiresAt : at + change.livesMs;
      const now = { description, scopes, ...change, expiresAt: ends === undefined ? expiresAt : ends };
      if (change.scopes !== undefined) limitTo(principal, change.scopes ?? undefined);
      const next: Token = {
        ...old,
        ...(change.name === undefined ? {} : { name: change.name }),
        ...(change.enabled === undefined ? {} : { enabled: change.enabled }),
        ...(now.description == null ? {} : { description: now.description }),
        ...(now.scopes == null ? {} : { scopes: now.scopes }),
        ...(now.expiresAt == null ? {} : { expiresAt: now.expiresAt }),
        updatedAt: at,
      };
      await store.updateToken(next);
      await changed(principal, 'token.update', next.name);
      return next;
    },
    listTokens: (principal) => store.listTokens(principal.roles.includes('admin') ? undefined : principal.name),
    async deleteToken(principal, id) {
      const token = await ownToken(principal, id);
      await store.deleteToken(id);
      await changed(principal, 'token.delete', token.name);
    },
    async listGroups(principal) {
      adminOnly(principal);
      return store.listGroups();
    },
    async saveGroup(principal, group) {
      adminOnly(principal);
      await store.saveGroup(group);
      await changed(principal, 'group.save', group.name);
    },
    async deleteGroup(principal, name) {
      adminOnly(principal);
      await store.deleteGroup(name);
      await changed(principal, 'group.delete', name);
    },
    async listPermissions(principal) {
      adminOnly(principal);
      return store.listPermissions();
    },
    async savePermission(principal, permission) {
      adminOnly(principal);
      await store.savePermission(permission);
      await access.reload();
      await changed(principal, 'permission.save', permission.path);
    },
    async listAudit(principal, query) {
      adminOnly(principal);
      return store.listAudit(query);
    },
    async principalNamed(name) {
      const user = await store.findUser(name);
      return user?.enabled ? principalFrom(user) : { name, roles: [], groups: [] };
    },
  };
}
