import type { Json } from '../../model/json.ts';
import { shaped, validate } from './data-flow.ts';
import { located } from './errors.ts';
import type { Frame, Result, Task, TaskInfo } from './model.ts';
import { checkSize } from './sizes.ts';
import { withTimeout } from './timeouts.ts';

/**
 * Runs one task: condition, input, the work itself, output, export (DSL, "Data Flow"). An error leaves with the task's
 * pointer as its instance. In one function, because each asynchronous one costs as much as a simple task.
 */
export async function runTask(task: Task, outer: Frame, raw: Json, key: string): Promise<Result> {
  try {
    const { run, context, exported, variables } = outer;
    const info: TaskInfo = { task, input: raw, startedAt: context.now() };
    const frame: Frame = { run, context, exported, variables, key, task: info, input: raw };
    // A skipped task hands its raw input on to the next one.
    if (task.condition && !task.condition(frame, raw)) return { output: raw };
    validate(task.input, raw, 'The input');
    frame.input = shaped(task.input, frame, raw);
    const result = await (task.timeout ? withTimeout(task, task.timeout, frame) : task.body(frame));
    info.output = result.output;
    const output = shaped(task.output, frame, result.output);
    frame.output = output;
    validate(task.output, output, 'The output');
    checkSize(output, 'The output');
    if (task.export.shape) {
      const next = task.export.shape(frame, output);
      validate(task.export, next, 'The exported context');
      checkSize(next, 'The exported context');
      exported.value = next;
    }
    const next = result.next ?? task.next;
    return result.ended ? { output, next, ended: true } : { output, next };
  } catch (error) {
    throw located(error, task.pointer);
  }
}
