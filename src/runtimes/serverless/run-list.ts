import type { Json } from '../../model/json.ts';
import type { Frame, Result, RunTask, TaskList } from './model.ts';

/** How long interpretation may hold the thread before others get their turn, in milliseconds. */
const TURN_MS = 4;

const isTurnOver = ({ run }: Frame): boolean => performance.now() - run.turn.at >= TURN_MS;

/** Lets other work of the thread go on, and ends here when the run must stop. */
async function nextTurn(frame: Frame): Promise<void> {
  await frame.context.breathe();
  frame.run.turn.at = performance.now();
}

/** Makes the function that runs tasks one after the other and follows their flow directives (DSL, "Flow Directive"). */
export const createRunList =
  (runTask: RunTask) =>
  async (list: TaskList, frame: Frame, input: Json, key: string): Promise<Result> => {
    const visits: number[] = [];
    let output = input;
    let index = 0;
    while (index < list.tasks.length) {
      const task = list.tasks[index]!;
      const visit = (visits[index] ?? 0) + 1;
      visits[index] = visit;
      if (isTurnOver(frame)) await nextTurn(frame);
      // A directive may lead back to a task: each passage has a journal key of its own.
      const passage = `${key}/${index}/${task.part}${visit > 1 ? `#${visit}` : ''}`;
      const result = await runTask(task, frame, output, passage);
      output = result.output;
      if (result.ended || result.next === 'end') return { output, ended: true };
      if (result.next === 'exit') return { output };
      const next = result.next === undefined || result.next === 'continue' ? undefined : list.places.get(result.next);
      index = next ?? index + 1;
    }
    return { output };
  };
