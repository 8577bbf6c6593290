export const roles = ['admin', 'operator', 'user', 'viewer', 'kie-server'] as const;
export type Role = (typeof roles)[number];

/** Who asks: a user as seen through one request. */
export interface Principal {
  name: string;
  roles: readonly Role[];
  groups: readonly string[];
  /** What the credential may be used for; absent: everything its user may. */
  scopes?: readonly Scope[];
}

/** What a token may be limited to. `jobs:run` includes reading one's own jobs, and files for them. */
export const scopes = [
  'jobs:read',
  'jobs:run',
  'workflows:read',
  'workflows:write',
  'files:read',
  'files:write',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/**
 * Folders of files that users and workflows share: data to work on, what passes between jobs, backups, those of the
 * server itself, and what each user has uploaded for jobs to come, which nobody else sees.
 */
export const sharedAreas = ['data', 'temp', 'backup', 'system', 'uploads'] as const;
export type SharedArea = (typeof sharedAreas)[number];

/** A user account. */
export interface User {
  name: string;
  /** scrypt, with its parameters: see http/passwords. */
  passwordHash: string;
  roles: Role[];
  groups: string[];
  enabled: boolean;
  createdAt: number;
  /** Raised when password, roles or state change: JWTs issued earlier stop working; API tokens act with what the user is now. */
  revision: number;
}

/** An API token; the secret itself is shown once and kept only as its SHA-256. */
export interface Token {
  id: number;
  name: string;
  user: string;
  /** SHA-256 of the secret, hex. */
  hash: string;
  /** First characters of the secret, to tell tokens apart in a list. */
  prefix: string;
  description?: string;
  scopes?: Scope[];
  enabled: boolean;
  createdAt: number;
  updatedAt: number;
  expiresAt?: number;
}

export interface Group {
  name: string;
  description?: string;
}

/** What may be done at a repository path, and below it until a deeper entry says otherwise. */
export interface Permission {
  /** `/` or a folder or workflow path. */
  path: string;
  subject: { user: string } | { group: string };
  actions: Action[];
}
export const actions = ['read', 'run', 'write'] as const;
export type Action = (typeof actions)[number];
