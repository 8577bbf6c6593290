import type { Engine } from '../../engine/engine.ts';

/** How the engine takes the name of a job, and a list's filters. */
export type JobRef = Parameters<Engine['jobs']['get']>[1];
export type JobQuery = Parameters<Engine['jobs']['list']>[1];

/** The job a validated id names: an integer, or a UUID in lower case. */
export const jobRef = (id: string): JobRef => (/^\d+$/.test(id) ? Number(id) : id.toLowerCase());
