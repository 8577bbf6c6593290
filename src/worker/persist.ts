import { isMillraceError } from '../model/errors.ts';

/** Repeats a write until the store takes it: what a run has done must not be lost to a disk that is full for a while. */
export type Persist = <T>(write: () => Promise<T>) => Promise<T>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** `givenUp` ends the repetition: the server is stopping, and the next start resolves what was not written. */
export const createPersist =
  (givenUp: () => boolean): Persist =>
  async (write) => {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await write();
      } catch (error) {
        const passes = isMillraceError(error) && (error.code === 'disk-full' || error.code === 'store-unavailable');
        if (!passes || givenUp()) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  };
