import { availableParallelism, totalmem } from 'node:os';
import type { DialectContext } from '../../dialect.ts';
import type { Principal } from '../../model/principal.ts';
import { choices } from './choices.ts';
import { queueWire } from './queue-names.ts';
import { platform } from './version.ts';

/**
 * Engines as clients see them: the places for runs of a server. A job tells no more than the server that ran it, so that
 * is the engine's name there; the list puts the number of the place behind it.
 */

/** Host of a server as leases call it, `host:pid:…`; empty without one. */
export const engineHost = (server: string | undefined): string => server?.split(':', 1)[0] ?? '';

export const engineName = (server: string | undefined): string => {
  const [host, process] = server?.split(':', 2) ?? [];
  return host === undefined ? '' : process === undefined ? host : `${host}_${process}`;
};

/** The begin of the names that leases give the server of that engine, with or without the number of a place. */
export const serverOf = (engine: string): string => engine.replace(/_(\d+)(?:_Engine\d+)?$/, ':$1');

/** One place for a run. */
export interface EngineView {
  name: string;
  host: string;
  /** Number of the job that runs there, -1 without one. */
  job: number;
}

/** All engines and what they have in common. */
export interface EnginesView {
  host: string;
  engines: EngineView[];
  /** Every engine serves all queues. */
  queues: string[];
}

/** The engines there are (reference section 6.3). Needs operator. */
export async function listEngines({ engine }: DialectContext, principal: Principal): Promise<EnginesView> {
  const { server, slots } = engine.workers.list(principal);
  const queues = (await engine.queues.list(principal)).map(({ name }) => queueWire(name));
  const host = engineHost(server);
  const engines = slots.map(({ number, job = -1 }) => ({ name: `${engineName(server)}_Engine${number}`, host, job }));
  return { host, engines, queues };
}

export const registrationOf = (host: string, system: string): string[] => [
  'Standard',
  host,
  host,
  String(choices.version.buildNumber),
  system,
];

const hostProperties = { physicalMemory: totalmem(), processorCount: availableParallelism() };

export const engineWire = ({ name, host, job }: EngineView, queues: readonly string[]) => ({
  name,
  hostname: host,
  engineManagerHostname: host,
  platform,
  buildNumber: choices.version.buildNumber,
  type: 'standard',
  state: job < 0 ? 'idle' : 'running_job',
  currentJobID: job,
  assignedQueues: queues,
  registrationProperties: registrationOf(host, platform),
  hostProperties,
});

export const engineHostWire = ({ host, engines }: EnginesView) => ({
  hostname: host,
  engineManagerHostname: host,
  platform,
  buildNumber: choices.version.buildNumber,
  engineCount: engines.length,
  hostProperties,
});
