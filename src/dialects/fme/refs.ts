import type { Engine } from '../../engine/engine.ts';

/** How the engine takes a list by number. */
export type JobPageQuery = Parameters<Engine['jobs']['page']>[1];
