import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fail } from '../model/errors.ts';
import type { ProcessRequest } from '../model/process.ts';
import type { Context } from './context.ts';
import { cleanEnvironment } from './environment.ts';
import { runOnce } from './oneshot.ts';
import type { ProcessRunOptions } from './options.ts';
import type { PoolResult } from './result.ts';
import { kernelLimits } from './shell.ts';
import { checkNames } from './variables.ts';

type ScriptRequest = Extract<ProcessRequest, { kind: 'script' }>;

const host = fileURLToPath(new URL('./hosts/python.py', import.meta.url));

/** Runs Python scripts, each in a process of its own: arguments are global variables, the code runs as `__main__`. */
export function createPython(context: Context) {
  let interpreter: Promise<string> | undefined;

  return async (request: ScriptRequest, options: ProcessRunOptions): Promise<PoolResult> => {
    checkNames('python', Object.keys(request.arguments));
    interpreter ??= findPython(context);
    const file = await interpreter.catch((error: unknown) => {
      // It may be installed while the server runs.
      interpreter = undefined;
      throw error;
    });
    return runOnce(context, request, options, (folder) => ({
      command: { file, arguments: ['-u', host] },
      kernelLimits: kernelLimits(context),
      environment: cleanEnvironment(context.environment, folder, request.environment),
      payload: JSON.stringify({ code: request.code, arguments: request.arguments }),
    }));
  };
}

/**
 * The interpreter behind the name python3: what is on PATH may be a launcher script that looks into a home folder,
 * which scripts do not have.
 */
function findPython(context: Context): Promise<string> {
  const env = cleanEnvironment(context.environment, '/', {});
  const args = ['-c', 'import sys; print(sys.executable)'];
  return new Promise((resolve, reject) => {
    execFile('python3', args, { env, cwd: context.folder, timeout: 10_000 }, (error, stdout) => {
      if (!error && stdout.trim() !== '') return resolve(stdout.trim());
      reject(
        fail('unavailable-feature', {
          detail:
            'Python scripts need the program python3 on the PATH of the server; it was not found or does not start.',
          cause: error,
        }),
      );
    });
  });
}
