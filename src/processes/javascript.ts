import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ProcessRequest } from '../model/process.ts';
import { createCapture } from './capture.ts';
import type { Context } from './context.ts';
import { checked } from './environment.ts';
import { prepareRunFolder, takeFiles } from './folders.ts';
import type { Host } from './host.ts';
import type { Hosts } from './hosts.ts';
import type { ProcessRunOptions } from './options.ts';
import { type PoolResult, result } from './result.ts';
import { supervise } from './supervise.ts';
import { checkNames } from './variables.ts';

type ScriptRequest = Extract<ProcessRequest, { kind: 'script' }>;

/**
 * Runs a JavaScript script in a warm Node process. The code is the body of an async function whose parameters are the
 * arguments; what it returns is `value`. An error thrown is code 1 with the stack on standard error, `process.exit(n)`
 * is code n. The process serves again only after a run without any trace, for the same `reuseKey`.
 */
export async function runJavaScript(
  context: Context,
  hosts: Hosts,
  request: ScriptRequest,
  options: ProcessRunOptions,
): Promise<PoolResult> {
  const names = Object.keys(request.arguments);
  checkNames('javascript', names);
  const environment = checked(request.environment);
  const begun = performance.now();
  const keepBytes = request.outputBytes ?? context.keepBytes;
  // Input can be given to a process once only, at its first run.
  const reuseKey = request.stdin === undefined ? request.reuseKey : undefined;

  const host = await hosts.take(reuseKey);
  let reusable = false;
  try {
    const folder = join(host.folder, 'work');
    await prepareRunFolder(folder, request);
    const supervision = supervise({
      child: host.child,
      limits: context.limits(),
      graceMs: () => context.limits().graceMs,
      timeoutMs: Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, context.limits().timeoutMs),
      signal: options.signal,
      watch: context.watch,
      alone: hosts.alone,
      watched: true,
    });
    const capture = createCapture({
      keepBytes,
      capBytes: context.limits().outputBytes,
      onOutput: options.onOutput,
      onExceeded: (what) => supervision.end('output', what),
      log: context.log,
    });
    const outcome = await host.run(
      {
        folder,
        code: request.code,
        names,
        values: Object.values(request.arguments),
        environment,
        valueBytes: keepBytes,
        stdin: request.stdin,
      },
      capture,
    );
    const ended = supervision.release();
    reusable =
      outcome.kind === 'reply' && outcome.reuse && ended.ended === undefined && outcome.code === 0 && host.healthy();
    const keep = join(context.folder, randomBytes(9).toString('hex'));
    // A process that goes on could still write, so files are taken only once it is gone or known to be idle.
    if (!reusable) await host.child.destroy();
    const files = await takeFiles(folder, keep);
    return result({
      exit: outcome.kind === 'reply' ? { code: outcome.code } : outcome.exit,
      ...ended,
      capture,
      value: outcome.kind === 'reply' && ended.ended === undefined ? parse(outcome.value) : undefined,
      files,
      begun,
      dispose: () => (files.length > 0 ? context.remove(keep) : Promise.resolve()),
    });
  } finally {
    await giveBack(hosts, host, reusable ? reuseKey : undefined);
  }
}

const giveBack = (hosts: Hosts, host: Host, key: string | undefined): Promise<void> =>
  key === undefined ? hosts.discard(host) : hosts.giveBack(host, key);

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Only a script that wrote to our descriptor itself can send this.
    return undefined;
  }
}
