import type { Engine } from '../../../engine/engine.ts';

export type { OutlinePart, OutlineStep } from '../../../model/outline.ts';

/** An item as the engine gives it. */
export type StoredItem = Awaited<ReturnType<Engine['items']['get']>>;
/** What the engine takes for a new one. */
export type NewItem = Parameters<Engine['items']['put']>[2];
