import { type App, createApp } from '../app.ts';
import { inheritableEnvironment, type LoadedConfig } from '../config.ts';
import { checkAddress } from './address.ts';
import { prepareFolders } from './folders.ts';
import { createLog } from './log.ts';
import { exitCodes, type Output } from './output.ts';
import { removeServerFiles, writeServerFiles } from './server-file.ts';
import { nodeAdvice, welcome } from './welcome.ts';

// `npm start` passes Ctrl-C on to a process that the terminal has told already: what comes at once is the same press.
const SAME_PRESS_MS = 250;

/** Runs the server until a signal ends it. Answers the exit code: 0 after an orderly stop. */
export async function serve(loaded: LoadedConfig, version: string, output: Output): Promise<number> {
  const { config } = loaded;
  const { samplesCopied } = prepareFolders(loaded);
  await checkAddress(config.host, config.port);
  const { log, recent } = await createLog(config);
  const app = await createApp({
    config,
    log,
    recent,
    version,
    environment: inheritableEnvironment(),
    // After a failed fsync the cache cannot be trusted: only a new start, from what is really on disk, is safe.
    onFatal(error) {
      log.fatal({ err: error }, 'the disk failed; ending so that a new start can recover');
      process.exit(exitCodes.failed);
    },
  });
  const stopped = stopOnSignal(app, config.drainSeconds * 1_000, output);
  const started = await app.start();
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
