import { exceeded } from './errors.ts';

/** Bounds of one run. Every one has a default; none can be switched off by a program. */
export interface Limits {
  /** Iterations, calls, comparisons and regex steps. Default 10 000 000. */
  maxSteps?: number;
  /** Wall-clock time of the run in milliseconds. Default 1000. */
  deadlineMs?: number;
  /** Nesting of values that are parsed, printed or built. Default 10 000, as jq's own parser. */
  maxDepth?: number;
  /** Outputs of the program. Default 1 000 000. */
  maxOutputs?: number;
  /** Bytes of values made by the run (an estimate, never given back), and the length of any one string. Default 64 MiB. */
  maxBytes?: number;
  /** Milliseconds since the epoch, for jq's `now`. Default `Date.now`. */
  now?: () => number;
}

/** Steps between two looks at the clock. */
const CHUNK = 2048;

/**
 * What the current run may still use. One object for the module: runs are synchronous, and a field read is far
 * cheaper than a context argument on every closure. {@link metered} saves and restores it, so runs may nest.
 */
export const meter = {
  fuel: 0,
  steps: 0,
  bytes: 0,
  deadline: 0,
  deadlineMs: 0,
  maxBytes: 0,
  maxDepth: 0,
  maxOutputs: 0,
  now: Date.now as () => number,
};

/** Counts `count` steps; throws once the run is out of steps or time. */
export function tick(count = 1): void {
  meter.fuel -= count;
  if (meter.fuel < 0) refuel();
}

function refuel(): void {
  const owed = -meter.fuel;
  if (owed > meter.steps) throw exceeded('steps');
  const time = performance.now();
  // The clock is first read here, so that a short program never pays for it.
  if (meter.deadline === 0) meter.deadline = time + meter.deadlineMs;
  else if (time > meter.deadline) throw exceeded('deadline');
  const grant = Math.min(CHUNK, meter.steps - owed);
  meter.steps -= owed + grant;
  meter.fuel = grant;
}

/** Accounts for memory that a new value takes. */
export function claim(bytes: number): void {
  meter.bytes -= bytes;
  if (meter.bytes < 0) throw exceeded('bytes');
}

/** Refuses a string longer than the run's memory bound before it is made. */
export function checkLength(length: number): void {
  if (length > meter.maxBytes) throw exceeded('bytes');
}

/** Refuses nesting deeper than the run's bound. */
export function checkDepth(depth: number): void {
  if (depth > meter.maxDepth) throw exceeded('depth');
}

/** The engine's own errors for "too deep" and "too big" become ours; anything else passes. */
export function mapEngineError(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return exceeded(/call stack/i.test(error.message) ? 'depth' : 'bytes');
}

/** Runs `work` under `limits`, with the outer run's account put aside meanwhile. */
export function metered<T>(limits: Limits, work: () => T): T {
  const { fuel, steps, bytes, deadline, deadlineMs, maxBytes, maxDepth, maxOutputs, now } = meter;
  const maxSteps = limits.maxSteps ?? 10_000_000;
  meter.fuel = Math.min(CHUNK, maxSteps);
  meter.steps = maxSteps - meter.fuel;
  meter.deadline = 0;
  meter.deadlineMs = limits.deadlineMs ?? 1000;
  meter.maxBytes = meter.bytes = limits.maxBytes ?? 64 * 1024 * 1024;
  meter.maxDepth = limits.maxDepth ?? 10_000;
  meter.maxOutputs = limits.maxOutputs ?? 1_000_000;
  meter.now = limits.now ?? Date.now;
  try {
    return work();
  } catch (error) {
    throw mapEngineError(error);
  } finally {
    meter.fuel = fuel;
    meter.steps = steps;
    meter.bytes = bytes;
    meter.deadline = deadline;
    meter.deadlineMs = deadlineMs;
    meter.maxBytes = maxBytes;
    meter.maxDepth = maxDepth;
    meter.maxOutputs = maxOutputs;
    meter.now = now;
  }
}
