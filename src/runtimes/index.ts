import type { Runtime } from '../runtime.ts';
import { createServerlessRuntime } from './serverless/index.ts';

/** Every runtime of this server. */
export const createRuntimes = (): Runtime[] => [createServerlessRuntime()];

/** The runtime that owns a file, by its ending; undefined when none does. */
export const runtimeFor = (file: string, runtimes: readonly Runtime[]): Runtime | undefined =>
  runtimes.find((runtime) => runtime.suffixes.some((suffix) => file.toLowerCase().endsWith(suffix)));
