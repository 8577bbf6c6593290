import type { JobRef } from '../../store.ts';

/** The job a validated id names: an integer, or a UUID in lower case. */
export const jobRef = (id: string): JobRef => (/^\d+$/.test(id) ? Number(id) : id.toLowerCase());
