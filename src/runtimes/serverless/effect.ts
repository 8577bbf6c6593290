import { isMillraceError } from '../../model/errors.ts';
import type { Json } from '../../model/json.ts';
import type { StepAttempt } from '../../runtime.ts';
import { located, raise } from './errors.ts';
import type { Frame } from './model.ts';

/**
 * Does an effect of a task once: its outcome goes to the journal under the task's key. What it throws is given its
 * step and standard type first, so that a later run reads the very same error from the journal.
 */
export function effectOf<T extends Json>(frame: Frame, effect: (attempt: StepAttempt) => Promise<T>): Promise<T> {
  const { task } = frame.task!;
  return frame.context.step<T>(frame.key, { name: task.name, type: task.type }, async (attempt) => {
    try {
      return await effect(attempt);
    } catch (error) {
      if (attempt.signal.aborted) throw error;
      const known = isMillraceError(error) ? error : raise('runtime', messageOf(error), { cause: error });
      // Within the effect, so that a later run, which reads the outcome from the journal, does not log it again.
      frame.context.log({ level: 'warn', step: frame.key, text: known.message });
      throw located(known, task.pointer);
    }
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
