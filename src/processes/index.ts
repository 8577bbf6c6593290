export type { ProcessLimits, ProcessLog, ProcessPool, ProcessPoolOptions, ProcessRunOptions } from './options.ts';
export { defaultProcessLimits } from './options.ts';
export { createProcessPool } from './pool.ts';
