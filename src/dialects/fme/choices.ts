import type { Scope, SharedArea } from '../../model/principal.ts';

/**
 * What the public sources leave open, decided in this one place. Nothing else in this folder hides a guess: to follow the
 * original more closely once more is known, change a line here.
 */
export const choices = {
  /** What we report to be. Clients below build 26018 fall back to the older API. */
  version: { buildNumber: 26_100, releaseYear: 2026, majorVersion: 1, minorVersion: 0, hotfixVersion: 0 },

  /** Lists: what is taken without `limit`, and the most that is given at once. */
  defaultLimit: 100,
  mostItems: 1_000,

  /** `longPollInterval` in seconds. */
  longPoll: { default: 60, min: 1, max: 600 },
  /** `/jobs/sync` waits so long; the official client gives up after seven days too. */
  syncSeconds: 7 * 86_400,
  /** A service that is not told `opt_servicemode`. */
  serviceMode: 'sync' as 'sync' | 'async',
  /** Services answer so for a job that was begun and ended badly: clients look at `statusInfo.status`. */
  failedJobStatus: 200,
  /** Number of the engine's status for a job that ended badly; 0 is for success. */
  failedStatusNumber: 1,

  /** A cancel of a running job answers once it is cancelled, or after so many seconds with its end under way. */
  cancelSeconds: 5,

  /** Our queue `default` under their name for it. */
  defaultQueue: 'Default',
  queueType: 'Standard',

  accountType: 'USER',

  /** Life of a token of the old token service that was asked for without one, in seconds. */
  tokenSeconds: 3_600,

  /** Name of the repository of workflows that lie in no folder; no folder can be called so. */
  rootRepository: '/',
  workspaceSuffix: '.fmw',

  /** Connections to shared files, and what each is here. */
  connections: [
    {
      name: 'FME_SHAREDRESOURCE_BACKUP',
      displayName: 'Backup',
      area: 'backup',
      description: 'Backups; for operators.',
    },
    {
      name: 'FME_SHAREDRESOURCE_DATA',
      displayName: 'Data',
      area: 'data',
      description: 'Data that workspaces work on; changed by operators.',
    },
    {
      name: 'FME_SHAREDRESOURCE_SYSTEM',
      displayName: 'System',
      area: 'system',
      description: "The server's own files; for administrators.",
    },
    {
      name: 'FME_SHAREDRESOURCE_TEMP',
      displayName: 'Temp',
      area: 'temp',
      description: 'Files that pass between jobs.',
    },
  ] satisfies { name: string; displayName: string; area: SharedArea; description: string }[],
  /** Folder of the system's connection in which each user finds its own uploads. */
  uploadsFolder: 'temp/upload',
  /** Files in one upload, and items of one archive. */
  mostUploads: 500,
  mostZipItems: 500,
  zipFileName: 'resources.zip',
  /** Of answers of the upload service to clients that ask for none: those seen read JSON without asking. */
  uploadFormat: 'json',

  /**
   * A cancelled job publishes to its failure topics: the reference says "failure or cancellation" (section 3.2), the
   * second half of which is inferred. Also one that its own time limits ended.
   */
  cancelledPublishes: 'failureTopics' as 'failureTopics' | 'nothing',
  /** Topics of one end of a job, and characters of their names. */
  mostTopics: 100,
  longestTopic: 1_024,

  /** Members of a result that have no counterpart here. */
  featureOutputCount: 0,
  requesterResultPort: -1,

  successMessage: 'Translation Successful',
  /** All a streaming client hears of a job that ended badly. */
  streamingFailure: 'FME Server Transformation Error.',

  /** The services (reference section 10) that are served here; each takes every workspace. */
  services: { jobSubmitter: true, dataDownload: true, dataStreaming: true },

  /** Kinds of items a repository may hold; those here are all of the first. */
  itemTypes: ['workspace', 'customtransformer', 'customformat', 'template'],

  /** Names a workspace does not declare go to the run; where its schema forbids them they are left out. */
  undeclaredParameters: 'leave out' as 'leave out' | 'refuse',
  /** What stands for a password in `/request`. */
  hiddenValue: '*****',

  /** Permissions of tokens in their words (the shape in which they are sent is not public), and what each gives here. */
  tokenPermissions: {
    'jobs:access': ['jobs:read'],
    'jobs:manage': ['jobs:run'],
    'schedules:access': ['jobs:read'],
    'schedules:manage': ['jobs:run'],
    'runWorkspace:access': ['jobs:run'],
    'repositories:read': ['workflows:read'],
    'repositories:write': ['workflows:write'],
    'resources:read': ['files:read'],
    'resources:write': ['files:write'],
    'engines:access': ['admin'],
    'queues:manage': ['admin'],
    'users:manage': ['admin'],
  } satisfies Record<string, Scope[]> as Record<string, Scope[]>,

  /** What starts jobs, in their words; the value says whether the jobs we have may be of that kind. */
  sourceTypes: {
    automations: false,
    workspaceSubscriptions: false,
    schedules: true,
    workspaceApps: false,
    automationApps: false,
    streams: false,
    fmeflow: true,
    dataVirtualization: false,
  } as Record<string, boolean>,
} as const;
