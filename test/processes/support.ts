import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ProcessRequest } from '../../src/model/process.ts';
import {
  createProcessPool,
  defaultProcessLimits,
  type ProcessLimits,
  type ProcessPool,
  type ProcessPoolOptions,
} from '../../src/processes/index.ts';

export const mebibyte = 1024 * 1024;

type Options = Partial<Omit<ProcessPoolOptions, 'limits'>> & { limits?: Partial<ProcessLimits> };

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-processes-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A started pool that is stopped after the test, and the lines it logged. */
export async function startPool(options: Options = {}) {
  const workFolder = options.workFolder ?? temporaryFolder();
  const lines: { level: string; message: string; fields?: object | undefined }[] = [];
  const pool = createProcessPool({
    concurrency: 4,
    warm: 1,
    reuse: 20,
    environment: { PATH: process.env['PATH'] },
    log: (level, message, fields) => lines.push({ level, message, fields }),
    ...options,
    workFolder,
    limits: { ...defaultProcessLimits, timeoutMs: 20_000, graceMs: 300, ...options.limits },
  });
  await pool.start?.();
  onTestFinished(async () => void (await pool.stop?.(5_000)));
  return { pool, workFolder, lines };
}

type Extra = Partial<Pick<ProcessRequest, 'environment' | 'stdin' | 'timeoutMs' | 'outputBytes' | 'inputFiles'>>;

const script =
  (language: 'javascript' | 'python') =>
  (code: string, extra: Extra & { arguments?: object; reuseKey?: string } = {}): ProcessRequest =>
    ({ kind: 'script', language, label: 'job/step', environment: {}, code, arguments: {}, ...extra }) as ProcessRequest;

export const javascript = script('javascript');
export const python = script('python');

export const shell = (command: string, args: string[] = [], extra: Extra = {}): ProcessRequest => ({
  kind: 'shell',
  label: 'job/step',
  environment: {},
  command,
  arguments: args,
  ...extra,
});

/** Runs a request with nothing special about it. */
export const run = (pool: ProcessPool, request: ProcessRequest, signal: AbortSignal = new AbortController().signal) =>
  pool.run(request, { signal });
