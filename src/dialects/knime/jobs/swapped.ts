/** Jobs remembered at most; the oldest are forgotten. */
const MOST = 10_000;

/**
 * Which jobs a client had swapped out. A job that does not run holds no memory here, so there is nothing to swap: what is
 * kept is only what clients want to read back, until the job is loaded or run again, or the server ends.
 */
export interface Swapped {
  has(uuid: string): boolean;
  add(uuid: string): void;
  delete(uuid: string): void;
}

export function createSwapped(): Swapped {
  const uuids = new Set<string>();
  return {
    has: (uuid) => uuids.has(uuid),
    add(uuid) {
      uuids.add(uuid);
      if (uuids.size > MOST) uuids.delete(uuids.values().next().value!);
    },
    delete: (uuid) => void uuids.delete(uuid),
  };
}
