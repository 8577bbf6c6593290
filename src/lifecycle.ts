/** A part that runs: started once, stopped once. */
export interface Service {
  name: string;
  start?(): Promise<void> | void;
  /** Ends within `deadlineMs` milliseconds, by force if need be. */
  stop?(deadlineMs: number): Promise<void> | void;
}

/** Starts services in order; when one fails, those already started are stopped in reverse and the error goes on. */
export async function startAll(services: readonly Service[]): Promise<void> {
  for (const [index, service] of services.entries()) {
    try {
      await service.start?.();
    } catch (error) {
      await stopAll(services.slice(0, index), 5_000);
      throw error;
    }
  }
}

/** Stops services in reverse; a failure to stop one never keeps another from stopping. Returns the failures. */
export async function stopAll(services: readonly Service[], deadlineMs: number): Promise<unknown[]> {
  const failures: unknown[] = [];
  const end = performance.now() + deadlineMs;
  for (const service of services.toReversed()) {
    try {
      await service.stop?.(Math.max(0, end - performance.now()));
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
