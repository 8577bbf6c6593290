import { choices } from './choices.ts';

/** The name of a queue there: the one that always exists is written with a capital. */
export const queueWire = (queue: string): string => (queue === 'default' ? choices.defaultQueue : queue);

/** The queue a name there stands for. */
export const readQueue = (name: string): string => (name === choices.defaultQueue ? 'default' : name);
