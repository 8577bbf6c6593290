import type { Action, Role } from '../../model/principal.ts';

/**
 * What the public sources leave open (reference section 19), decided in this one place. Nothing else in this folder
 * hides a guess: to follow the original more closely once more is known, change a line here.
 */
export const choices = {
  /** What we report to be. */
  version: { major: 4, minor: 13, revision: 0 },
  /** Name under which clients mount the server. */
  mountId: 'KNIME-Server',
  authType: 'Credentials',
  /** Seconds, as decimal numbers. */
  fetchInterval: '2.0',
  fetchTimeout: '180.0',

  /** Whose an item is that lies in no user's own folder. */
  defaultOwner: 'admin',
  /** The folder of folders that belong to users. */
  usersFolder: 'Users',

  /** Our roles in their words; what is missing has no counterpart and keeps its name. */
  roles: { admin: 'administrator', operator: 'workflow-group-administrator', user: 'user' } as Partial<
    Record<Role, string>
  >,
  /** Rights on items in their words, with what each gives here. Who may read may download. */
  rights: { read: 'read', write: 'write', execute: 'run' } as const satisfies Record<string, Action>,

  /** Where the server's log lies within the archive of `/admin/logs`. */
  logFile: '/logs/knime.log',

  /** A request without `timeout` waits so long for a run, in milliseconds: a week. */
  longestWaitMs: 7 * 86_400_000,
  /** A running job that is deleted is given so long to end before the answer, in milliseconds; it is gone in any case. */
  patienceMs: 10_000,
  /** How the jobs of a schedule are tried again; how often, the schedule says. */
  retry: { delayMs: 1_000, backoff: 'exponential', maxDelayMs: 300_000, jitter: 0.2 },
  /** Warnings of a job's log that are told as messages of its nodes. */
  mostNodeMessages: 50,
  /** What jobs that came through other APIs were created by. */
  createdElsewhere: 'rest api',
  createdHere: 'generic client',
  /** Under this name an output that is no object is given. */
  wholeOutput: 'json-output',
  /** Of the description of a job's workflow; its shape is of the desktop product, nothing of it is seen on a server. */
  summaryVersion: '1.0.0',

  /** Statuses of ours that the original does not know, and what it answers instead. */
  statuses: { 422: 400, 428: 409 } as Record<number, number>,
} as const;
