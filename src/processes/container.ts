import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContainerRequest, containerArguments, containerName, environmentFile } from './container-command.ts';
import type { Context } from './context.ts';
import type { Engines } from './engines.ts';
import { engineEnvironment } from './environment.ts';
import { runOnce } from './oneshot.ts';
import type { ProcessRunOptions } from './options.ts';
import type { PoolResult } from './result.ts';

/** Milliseconds the engine has to stop or remove a container, beyond the grace time. */
const engineMs = 10_000;

/**
 * Runs a container through the engine's own command. The process here is only its client: to end the work, the engine
 * is told to stop the container, and after every early end it is told to remove what may be left.
 */
export async function runContainer(
  context: Context,
  engines: Engines,
  request: ContainerRequest,
  options: ProcessRunOptions,
): Promise<PoolResult> {
  const engine = await engines.find();
  return runOnce(context, request, options, async (folder) => {
    const limits = context.limits();
    const plan = {
      name: containerName(request, randomBytes(6).toString('hex')),
      folder,
      environmentFile: join(folder, '.environment'),
      memoryBytes: limits.memoryBytes,
      processes: limits.processes,
    };
    const args = containerArguments(request, plan);
    await mkdir(folder, { recursive: true });
    await writeFile(plan.environmentFile, environmentFile(request.environment), { mode: 0o600 });
    const graceSeconds = Math.ceil(limits.graceMs / 1000);
    return {
      command: { file: engine, arguments: args },
      kernelLimits: {},
      environment: engineEnvironment(context.environment),
      watched: false,
      ask: () => void engines.tell(engine, ['stop', '-t', String(graceSeconds), plan.name], limits.graceMs + engineMs),
      after: async (ended) => {
        if (ended) await engines.tell(engine, ['rm', '--force', plan.name], engineMs);
      },
    };
  });
}
