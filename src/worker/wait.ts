import type { Json } from '../model/json.ts';
import type { Wait } from '../model/run.ts';
import { startTimer } from '../model/timers.ts';
import type { StepInfo, WaitSpec } from '../runtime.ts';
import { type BranchState, mustStop, onEnd } from './branch.ts';
import { CHILD_WAIT } from './protocol.ts';
import { commit, type RunState, recall } from './run-state.ts';

/**
 * `RunContext.wait` for one branch. While something else of the run goes on, the answer is taken here; when nothing
 * does, the run ends as waiting and the store wakes the job.
 */
export function runWait(
  run: RunState,
  branch: BranchState,
  key: string,
  info: StepInfo,
  spec: WaitSpec,
): Promise<Json> {
  const { ports, pending, activity } = run;
  ports.touch();
  mustStop(branch);
  const known = recall(run, key);
  if (known) return Promise.resolve(known.output);
  const type = spec.kind === 'job' ? CHILD_WAIT : info.type;
  const open: Wait = run.earlier.get(key) ?? { key, name: info.name, type, createdAt: ports.clock(), ...spec };
  return new Promise<Json>((resolve, reject) => {
    pending.set(key, open);
    const asking = new AbortController();
    let clearTimer = () => {};
    const leave = () => {
      pending.delete(key);
      clearTimer();
      asking.abort();
      offEnd();
    };
    const answer = async (output: Json) => {
      if (branch.dead || run.released || !pending.has(key)) return;
      leave();
      branch.active = true;
      activity.change(1);
      try {
        await commit(run, {
          key,
          name: info.name,
          type,
          state: 'completed',
          attempt: 1,
          output,
          startedAt: open.createdAt,
          endedAt: ports.clock(),
        });
        resolve(output);
      } catch (error) {
        reject(error);
      }
    };
    const offEnd = onEnd(branch, (reason) => {
      leave();
      reject(reason);
    });
    branch.active = false;
    activity.change(-1);
    if (run.released) return;
    // Something else goes on meanwhile, so an answer that comes now is taken now.
    const { wakeAt } = open as { wakeAt?: number };
    if (open.kind === 'timer' && wakeAt !== undefined) {
      clearTimer = startTimer(wakeAt - ports.clock(), () => void answer(null));
    } else if (open.kind === 'job') {
      ports.ask({ kind: 'child-result', child: open.child }, { signal: asking.signal }).then(
        (output) => void answer(output as Json),
        () => {},
      );
    }
  });
}
