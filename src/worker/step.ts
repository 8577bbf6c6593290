import { fail, isMillraceError, type Problem, toProblem } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import type { RunContext, StepInfo } from '../runtime.ts';
import { type BranchState, mustStop, signalOf } from './branch.ts';
import { CHILD_WAIT } from './protocol.ts';
import { commit, type RunState, recall } from './run-state.ts';

/**
 * `RunContext.step` for one branch: an effect that is done once. Its job is on disk before it begins, and its outcome
 * before anything follows.
 */
export async function runStep<T extends Json>(
  run: RunState,
  branch: BranchState,
  key: string,
  info: StepInfo,
  effect: Parameters<RunContext['step']>[2],
): Promise<T> {
  const { job, journal, effects, ports } = run;
  if (info.type === CHILD_WAIT) throw fail('invariant', `${CHILD_WAIT} is no type of a step.`);
  ports.touch();
  mustStop(branch);
  const known = recall(run, key);
  if (known) return known.output as T;
  const storing = ports.stored();
  if (storing) {
    await storing;
    mustStop(branch);
  }
  const attempt = (journal.get(key)?.attempt ?? 0) + 1;
  const startedAt = ports.clock();
  const begun = { key, ...info, state: 'begun' as const, attempt, startedAt };
  journal.set(key, begun);
  ports.begun(begun);
  const work = effect({ attempt, idempotencyKey: `${job.uuid}:${key}`, signal: signalOf(branch) });
  const settled = work.then(
    () => {},
    () => {},
  );
  effects.add(settled);
  try {
    const output = ((await work) ?? null) as T;
    mustStop(branch);
    await commit(run, { ...begun, state: 'completed', output, endedAt: ports.clock() });
    return output;
  } catch (error) {
    // What was stopped has no outcome: a later run does it again.
    mustStop(branch);
    if (isLost(error)) throw error;
    await commit(run, { ...begun, state: 'failed', error: problemOf(error), endedAt: ports.clock() });
    throw error;
  } finally {
    effects.delete(settled);
    ports.touch();
  }
}

const problemOf = (error: unknown): Problem =>
  isMillraceError(error)
    ? toProblem(error)
    : toProblem(fail('step-failed', error instanceof Error ? error.message : String(error)));

/** True when the run is no longer ours: its lease went to another, or the main thread said stop. */
const isLost = (error: unknown): boolean => isMillraceError(error) && error.options.extra?.['lost'] === true;
