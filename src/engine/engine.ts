import type { SharedFiles } from '../files/shared-files.ts';
import { type Service, startAll, stopAll } from '../lifecycle.ts';
import type { Log } from '../model/log.ts';
import type { Sealer } from '../model/sealed.ts';
import type { Repository } from '../repository/repository.ts';
import type { Blobs, Store } from '../store.ts';
import { createAccess } from './access.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { createAttempts } from './attempts.ts';
import { createAudit } from './audit.ts';
import { createCredentials } from './credentials.ts';
import { createEvents, type Events } from './events.ts';
import { createFolders, type Folders } from './folders.ts';
import { createIntake, type Intake, type IntakeSettings } from './intake.ts';
import { createItems, type Items } from './items.ts';
import { createJobLogs, type JobLogs } from './job-logs.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { createPayloads } from './payloads.ts';
import { createPublished } from './published.ts';
import { createQueues, type Queues } from './queues.ts';
import { createResults, type ResultSettings, type Results } from './results.ts';
import { createSchedules, type ScheduleSettings, type Schedules } from './schedules.ts';
import { createServerLog, type ServerLog } from './server-log.ts';
import { createShared, type Shared } from './shared.ts';
import type { Slots } from './slots.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { createWaiting, type Waiting } from './waiting.ts';
import { createWorkers, type Workers } from './workers.ts';
import { createWorkflows, type WorkflowParts, type Workflows } from './workflows.ts';

/** The one set of verbs that every dialect calls. Each checks the caller's rights itself. */
export interface Engine extends Service {
  jobs: Jobs;
  /** Waiting for a job's end, and following its changes. */
  waiting: Waiting;
  /** What a job wrote: log lines, steps, files. */
  logs: JobLogs;
  /** What a job gives away: its files, or its output as one, single or as an archive. */
  results: Results;
  /** What ends of jobs published to topics. */
  events: Events;
  workflows: Workflows;
  /** Whatever lies in the repository, plain files included. */
  items: Items;
  /** Folders of the repository. */
  folders: Folders;
  /** Files put into the repository together. */
  uploads: Uploads;
  queues: Queues;
  /** Jobs by the clock. */
  schedules: Schedules;
  /** The places where this server runs jobs. */
  workers: Workers;
  /** Files that users and their workflows share. */
  shared: Shared;
  /** Users, groups, tokens, permissions. */
  accounts: Accounts;
  intake: Pick<Intake, 'check' | 'reasons'>;
  serverLog: ServerLog;
}

export interface EngineParts {
  store: Store;
  blobs: Blobs;
  repository: Repository;
  sharedFiles: SharedFiles;
  slots: Slots;
  /** What is wrong with a definition, found by reading it. */
  checkSource: WorkflowParts['checkSource'];
  /** A bearer token that is the administrator's for the life of this server. */
  controlToken: string;
  /** The latest lines of the server's log. */
  logLines: () => string[];
  /** Seals secret parameters before they are stored. */
  sealer: Sealer;
  settings: IntakeSettings &
    ResultSettings &
    ScheduleSettings & {
      /** Name of this server in leases. */
      owner: string;
      leaseMs: number;
      failedSignInsPerMinute: number;
    };
  clock: () => number;
  log: Log;
}

export function createEngine(parts: EngineParts): Engine {
  const { store, blobs, repository, slots, settings, clock, log } = parts;
  const audit = createAudit(store, clock);
  const access = createAccess(store);
  const attempts = createAttempts(settings.failedSignInsPerMinute, clock);
  const credentials = createCredentials({ store, attempts, controlToken: parts.controlToken, clock });
  const accounts = createAccounts({ store, access, credentials, audit, clock });
  const queues = createQueues({ store, access, slots, audit, clock });
  const workers = createWorkers({ server: settings.owner, slots, access, audit });
  const published = createPublished({ store, clock });
  const workflows = createWorkflows({ repository, access, audit, published, checkSource: parts.checkSource });
  const folders = createFolders({ repository, store, published, access, audit, clock });
  const payloads = createPayloads(blobs);
  const waiting = createWaiting({ store, access });
  const intake = createIntake({ store, settings, draining: slots.draining, clock, log });
  const jobs = createJobs({
    store,
    access,
    workflows,
    queues,
    waiting,
    payloads,
    intake,
    slots,
    sealer: parts.sealer,
    audit,
    clock,
    principalOf: accounts.principalNamed,
    version: (hash) => repository.version(hash),
    owner: settings.owner,
    leaseMs: settings.leaseMs,
  });
  const schedules = createSchedules({
    store,
    access,
    workflows,
    queues,
    payloads,
    jobs,
    sealer: parts.sealer,
    audit,
    settings,
    principalOf: accounts.principalNamed,
    clock,
  });
  const items = createItems({ repository, access, audit, intake, published, jobs });
  const uploads = createUploads({ repository, blobs, access, audit, intake, published });
  const logs = createJobLogs({ store, blobs, jobs, intake });
  const shared = createShared({ files: parts.sharedFiles, access, audit, intake });
  const results = createResults({ store, blobs, jobs, intake, settings, clock });
  const events = createEvents({ store, access });
  const services = [waiting, intake];
  return {
    name: 'engine',
    jobs,
    waiting,
    logs,
    results,
    events,
    workflows,
    items,
    folders,
    uploads,
    queues,
    schedules,
    workers,
    shared,
    accounts,
    intake,
    serverLog: createServerLog({ access, lines: parts.logLines, clock }),
    async start() {
      await access.reload();
      await queues.reload();
      await startAll(services);
    },
    async stop(deadlineMs) {
      await stopAll(services, deadlineMs);
    },
  };
}
