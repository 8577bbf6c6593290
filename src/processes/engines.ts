import { execFile } from 'node:child_process';
import { fail } from '../model/errors.ts';
import type { Context } from './context.ts';
import { engineEnvironment } from './environment.ts';

/** The command of the container engine that answers. */
export interface Engines {
  /** Gives its name or path; throws `unavailable-feature` when there is none or it does not answer. */
  find(): Promise<string>;
  /** Runs a short command of it, such as `stop`; its output does not matter, a failure is logged. */
  tell(file: string, args: string[], timeoutMs: number): Promise<void>;
}

/** Milliseconds an answer of the engine is trusted, so that not every container asks anew. */
const trustMs = 30_000;

const askMs = 5_000;

/** Looks for docker, then podman, unless one is named. */
export function createEngines(context: Context, named: string | undefined): Engines {
  const env = engineEnvironment(context.environment);
  let known: { file: string; until: number } | undefined;

  const call = (file: string, args: string[], timeout: number) =>
    new Promise<{ error?: NodeJS.ErrnoException; text: string }>((resolve) => {
      execFile(file, args, { env, cwd: context.folder, timeout, killSignal: 'SIGKILL' }, (error, _stdout, stderr) => {
        resolve({ ...(error ? { error: error as NodeJS.ErrnoException } : {}), text: stderr.trim() });
      });
    });

  return {
    async find() {
      if (known && performance.now() < known.until) return known.file;
      const answers: string[] = [];
      for (const file of named === undefined ? ['docker', 'podman'] : [named]) {
        const { error, text } = await call(file, ['version', '--format', '{{.Server.Version}}'], askMs);
        if (!error) {
          known = { file, until: performance.now() + trustMs };
          return file;
        }
        const why = error.code === 'ENOENT' ? 'not found' : text.split('\n')[0] || `no answer within ${askMs / 1000} s`;
        answers.push(`${file}: ${why}`);
      }
      throw fail(
        'unavailable-feature',
        `Containers need a running docker or podman on this machine (${answers.join('; ')}).`,
      );
    },
    async tell(file, args, timeoutMs) {
      const { error, text } = await call(file, args, timeoutMs);
      if (error) context.log('warn', 'the container engine did not do as told', { command: args.join(' '), text });
    },
  };
}
