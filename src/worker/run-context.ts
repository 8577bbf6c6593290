import { HOPS_LABEL, readHops } from '../model/hops.ts';
import type { Json } from '../model/json.ts';
import type { Wait } from '../model/run.ts';
import type { Outbound } from '../outbound/index.ts';
import type { RunContext, RunJob } from '../runtime.ts';
import { abandon, type BranchState, createBranch, mustStop, signalOf } from './branch.ts';
import { runAll, runRace } from './branches.ts';
import { createMask } from './mask.ts';
import type { ProcessReply } from './protocol.ts';
import { createRunState, type RecalledEntry, type RunPorts } from './run-state.ts';
import { runStep } from './step.ts';
import { runWait } from './wait.ts';

export interface StartedRun {
  context: RunContext;
  /** Settles with all open waits once nothing of the run can go on. */
  suspended: Promise<Wait[]>;
  /** Tells every part of the run to stop. */
  stop(reason: unknown): void;
  /** Settles when no effect is under way any more. */
  quiet(): Promise<void>;
}

/** How long a run may keep its thread before others get a turn, in milliseconds. */
const TURN_MS = 5;

/** Makes the context of one run: the journal of earlier runs answers first, everything new goes through `ports`. */
export function createRunContext(
  job: RunJob,
  recalled: readonly RecalledEntry[],
  openWaits: readonly Wait[],
  ports: RunPorts,
  secrets: readonly Json[] = [],
): StartedRun {
  const run = createRunState(job, recalled, openWaits, ports);
  const mask = createMask();
  for (const secret of secrets) mask.add(secret);
  let turnEnd = performance.now() + TURN_MS;
  const hops = readHops(job.labels[HOPS_LABEL]);
  const outbound: Outbound = {
    close: ports.outbound.close,
    async request(request) {
      await ports.stored();
      return ports.outbound.request({ hops, ...request });
    },
  };

  const contextOf = (branch: BranchState): RunContext => {
    const context: RunContext = {
      job,
      signal: () => signalOf(branch),
      now: () => run.passed,
      step: (key, info, effect) => runStep(run, branch, key, info, effect),
      wait: (key, info, spec) => runWait(run, branch, key, info, spec),
      all: (branches) => runAll(run, branch, branches, contextOf),
      race: (key, branches) => runRace(run, branch, key, branches, contextOf),
      async submitChild(key, info, child) {
        const made = await context.step(
          key,
          info,
          async () => (await ports.ask({ kind: 'submit-child', key, name: info.name, child })) as Json,
        );
        return made as unknown as { id: number; uuid: string };
      },
      async cancelChild(id, reason) {
        await ports.ask({ kind: 'cancel-child', child: id, reason });
      },
      log: (line) => {
        ports.touch();
        ports.log({ at: ports.clock(), ...line, text: mask.hide(line.text) });
      },
      async process(request, options) {
        const reply = (await ports.ask({ kind: 'process', process: request }, options)) as ProcessReply;
        return { ...reply, files: reply.files.map((file) => ({ ...file, path: '' })) };
      },
      outbound,
      async secret(name) {
        const value = (await ports.ask({ kind: 'secret', name })) as Json;
        mask.add(value);
        return value;
      },
      async breathe() {
        ports.touch();
        mustStop(branch);
        if (performance.now() < turnEnd) return;
        await new Promise((resolve) => setImmediate(resolve));
        turnEnd = performance.now() + TURN_MS;
        ports.touch();
        mustStop(branch);
      },
    };
    return context;
  };

  const root = createBranch();
  return {
    context: contextOf(root),
    suspended: run.suspended,
    stop: (reason) => void abandon(root, reason),
    async quiet() {
      if (run.effects.size > 0) await Promise.all(run.effects);
    },
  };
}
