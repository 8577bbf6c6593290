import type { Base } from './base.ts';

/** What is left of a job: id, state, attempt, created, started, finished, discarded, and whose it was. */
type Left = [
  id: number,
  state: string,
  attempt: number,
  createdAt: number,
  startedAt: number | null,
  finishedAt: number | null,
  discardedAt: number,
  workflow: string,
  version: string,
  owner: string,
  queue: string,
  dialect: string,
  errorCode: string | null,
];

/** Writes down jobs that nobody can see any more. Saying it again changes nothing: an answer may be lost on the way. */
export function createHistory(base: Base): (...left: Left) => void {
  const remember = base.write('INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  return (...left) => void remember.run(...left);
}
