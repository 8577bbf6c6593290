import { type App, createApp } from '../app.ts';
import type { LoadedConfig } from '../config.ts';
import { fail } from '../model/errors.ts';
import { prepareFolders } from './folders.ts';
import { createLog } from './log.ts';
import { exitCodes, type Output } from './output.ts';
import { portOwner } from './port-owner.ts';
import { removeServerFiles, writeServerFiles } from './server-file.ts';
import { nodeAdvice, welcome } from './welcome.ts';

// `npm start` passes Ctrl-C on to a process that the terminal has told already: what comes at once is the same press.
const SAME_PRESS_MS = 250;

/** Runs the server until a signal ends it. Answers the exit code: 0 after an orderly stop. */
export async function serve(loaded: LoadedConfig, version: string, output: Output): Promise<number> {
  const { config } = loaded;
  const { samplesCopied } = prepareFolders(loaded);
  const log = await createLog(config);
  const app = await createApp({
    config,
    log,
    version,
    // After a failed fsync the cache cannot be trusted: only a new start, from what is really on disk, is safe.
    onFatal(error) {
      log.fatal({ err: error }, 'the disk failed; ending so that a new start can recover');
      process.exit(exitCodes.failed);
    },
  });
  const stopped = stopOnSignal(app, config.drainSeconds * 1_000, output);
  let started: Awaited<ReturnType<App['start']>>;
  try {
    started = await app.start();
  } catch (error) {
    throw whyNotStarted(error, loaded);
  }
  const { url } = started;
  const startedAt = new Date().toISOString();
  writeServerFiles(config.data, { url, pid: process.pid, version, startedAt }, app.controlToken);
  const advice = nodeAdvice(process.versions.node);
  if (advice) output.note(advice);
  output.out(welcome({ version, ...started, samplesCopied, loaded }));
  try {
    await stopped;
  } finally {
    removeServerFiles(config.data);
  }
  return exitCodes.done;
}

/** Settles when the first SIGINT or SIGTERM has stopped the app; a further one ends the process at once. */
function stopOnSignal(app: App, drainMs: number, output: Output): Promise<void> {
  return new Promise((resolve, reject) => {
    let first: number | undefined;
    const onSignal = (signal: 'SIGINT' | 'SIGTERM') => {
      if (first === undefined) {
        first = performance.now();
        output.note(stoppingText(app.runningJobs()));
        app.stop(drainMs).then(resolve, reject);
      } else if (signal === 'SIGTERM' || performance.now() - first > SAME_PRESS_MS) {
        // Nothing accepted is lost: what runs is taken up from its journal at the next start.
        process.exit(signal === 'SIGINT' ? 130 : 143);
      }
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

function stoppingText(jobs: number): string {
  if (jobs === 0) return 'Stopping.';
  return `Stopping: finishing ${jobs === 1 ? '1 job' : `${jobs} jobs`}, press again to stop now.`;
}

// The address is the one thing that only listening itself can tell; everything else fails with our own words.
function whyNotStarted(error: unknown, { config }: LoadedConfig): unknown {
  const { code } = (error as { cause?: NodeJS.ErrnoException }).cause ?? (error as NodeJS.ErrnoException);
  const { host, port } = config;
  switch (code) {
    case 'EADDRINUSE': {
      const owner = portOwner(port);
      const by = owner ? ` (by "${owner.name}", pid ${owner.pid})` : '';
      return fail('startup', `Port ${port} is in use${by}. Start with --port ${port === 65_535 ? 8_080 : port + 1}.`);
    }
    case 'EACCES':
      return fail('startup', `Port ${port} needs the rights of an administrator. Choose one above 1023 with --port.`);
    case 'EADDRNOTAVAIL':
      return fail('startup', `${host} is no address of this machine. Choose another with --host.`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('startup', `The host name ${host} is not known. Choose another with --host.`);
    default:
      return error;
  }
}
