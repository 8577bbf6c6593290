import { raise } from './errors.ts';
import type { Body, DurationOf, Frame, Result, Task } from './model.ts';

/** Runs a task against a clock; when that is first, the work is stopped and the DSL's timeout error raised. */
export function withTimeout(task: Task, duration: DurationOf, frame: Frame): Promise<Result> {
  const ms = duration(frame, frame.input);
  return limited(frame, { key: frame.key, name: task.name, ms, what: `The task "${task.name}"` }, task.body);
}

/** Runs `body` for so many milliseconds at most; what it exported counts only when it was in time. */
export async function limited(
  frame: Frame,
  limit: { key: string; name: string; ms: number; what: string },
  body: Body,
): Promise<Result> {
  const wakeAt = frame.context.now() + limit.ms;
  const exported = { value: frame.exported.value };
  const { value } = await frame.context.race<Result | undefined>(`${limit.key}#timeout`, [
    async (context) => body({ ...frame, context, exported }),
    async (context) => {
      const info = { name: limit.name, type: 'timeout' };
      await context.wait(`${limit.key}#timer`, info, { kind: 'timer', wakeAt });
      return undefined;
    },
  ]);
  if (!value) throw raise('timeout', `${limit.what} did not finish within ${limit.ms / 1000} seconds.`);
  frame.exported.value = exported.value;
  return value;
}
