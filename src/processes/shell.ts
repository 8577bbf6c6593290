import type { ProcessRequest } from '../model/process.ts';
import { addressBytes } from './command.ts';
import type { Context } from './context.ts';
import { cleanEnvironment } from './environment.ts';
import { runOnce } from './oneshot.ts';
import type { ProcessRunOptions } from './options.ts';
import type { PoolResult } from './result.ts';

type ShellRequest = Extract<ProcessRequest, { kind: 'shell' }>;

/**
 * Runs a command with `/bin/sh -c`. Arguments are "$1", "$2" …: they are handed to the shell beside the command, never
 * inside it, so that nothing in them is read as shell.
 */
export const runShell = (context: Context, request: ShellRequest, options: ProcessRunOptions): Promise<PoolResult> =>
  runOnce(context, request, options, (folder) => ({
    command: { file: '/bin/sh', arguments: ['-c', '--', request.command, 'sh', ...request.arguments] },
    kernelLimits: kernelLimits(context),
    environment: cleanEnvironment(context.environment, folder, request.environment),
  }));

/** The kernel's walls around programs that are not Node. */
export function kernelLimits(context: Context) {
  const limits = context.limits();
  return {
    addressBytes: addressBytes(limits),
    cpuSeconds: limits.cpuSeconds,
    fileBytes: limits.fileBytes,
    ...(context.accountProcesses === undefined ? {} : { processes: context.accountProcesses }),
  };
}
