import { join } from 'node:path';
import type { ProcessRequest } from '../model/process.ts';
import { createCapture } from './capture.ts';
import { startChild } from './child.ts';
import type { Command, KernelLimits } from './command.ts';
import type { Context } from './context.ts';
import { makePrivateFolder, prepareRunFolder, takeFiles } from './folders.ts';
import type { ProcessRunOptions } from './options.ts';
import { type PoolResult, result } from './result.ts';
import { supervise } from './supervise.ts';

/** A process for one run: what is started and how it is asked to end. */
export interface OneShot {
  command: Command;
  kernelLimits: KernelLimits;
  environment: Record<string, string>;
  /** Written to file descriptor 3, then closed; absent: the child has no such descriptor. */
  payload?: string;
  /** False: a client whose work is done elsewhere. */
  watched?: boolean;
  ask?: () => void;
  /** Called when the process is gone, for what it may have left elsewhere. */
  after?: (ended: boolean) => Promise<void>;
}

/**
 * Runs one process in a private folder: start, feed, watch, end, clean up. `plan` is given the folder, which is also
 * the working folder. The promise settles when no process of it is left.
 */
export async function runOnce(
  context: Context,
  request: ProcessRequest,
  options: ProcessRunOptions,
  plan: (folder: string) => Promise<OneShot> | OneShot,
): Promise<PoolResult> {
  const begun = performance.now();
  const home = await makePrivateFolder(context.folder);
  const dispose = () => context.remove(home);
  try {
    const folder = join(home, 'work');
    await prepareRunFolder(folder, request);
    const shot = await plan(folder);
    const child = await startChild({
      command: shot.command,
      kernelLimits: shot.kernelLimits,
      helpers: context.helpers,
      environment: shot.environment,
      folder,
      marker: context.nextMarker(),
      channel: shot.payload !== undefined,
      onStuck: (pids) => context.log('warn', 'processes do not end', { label: request.label, pids }),
    });
    const supervision = supervise({
      child,
      limits: context.limits(),
      graceMs: () => context.limits().graceMs,
      timeoutMs: Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, context.limits().timeoutMs),
      signal: options.signal,
      watch: context.watch,
      alone: false,
      watched: shot.watched ?? true,
      ...(shot.ask ? { ask: shot.ask } : {}),
    });
    const capture = createCapture({
      keepBytes: request.outputBytes ?? context.keepBytes,
      capBytes: context.limits().outputBytes,
      onOutput: options.onOutput,
      onExceeded: (what) => supervision.end('output', what),
      log: context.log,
    });
    child.stdout.on('data', capture.stdout.push);
    child.stderr.on('data', capture.stderr.push);
    child.channel?.resume();
    child.channel?.end(shot.payload);
    child.stdin.end(request.stdin ?? '');

    const exit = await child.exited;
    await child.destroy();
    // Nobody is left who could write, so the end of both streams is near.
    await child.closed;
    const outcome = supervision.release();
    await shot.after?.(outcome.ended !== undefined);
    const files = await takeFiles(folder, join(home, 'files'));
    return result({ exit, ...outcome, capture, files, begun, dispose });
  } catch (error) {
    await dispose();
    throw error;
  }
}
