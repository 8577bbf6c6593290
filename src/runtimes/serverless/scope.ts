import type { Json, JsonObject } from '../../model/json.ts';
import type { Frame, TaskInfo } from './model.ts';

/** The runtime arguments (DSL, "Runtime expression arguments"); no variable of a workflow may be called so. */
export const argumentNames = [
  'context',
  'input',
  'output',
  'secrets',
  'authorization',
  'task',
  'workflow',
  'runtime',
] as const;

/** With the name that jq itself gives a meaning; those that begin with `__` cannot be taken either. */
export const reservedNames: readonly string[] = [...argumentNames, 'ENV'];

/** A moment as expressions see it (DSL, "DateTime Descriptor"). */
export const moment = (ms: number): JsonObject => ({
  iso8601: new Date(ms).toISOString(),
  epoch: { seconds: Math.floor(ms / 1000), milliseconds: ms },
});

/** `$task` (DSL, "Task Descriptor"). */
const taskDescriptor = (info: TaskInfo): JsonObject => ({
  name: info.task.name,
  reference: info.task.pointer,
  definition: info.task.definition,
  input: info.input,
  output: info.output ?? null,
  startedAt: moment(info.startedAt),
});

/** The value of a runtime argument or of a variable around the task. */
export function argumentValue(name: string, frame: Frame): Json {
  switch (name) {
    case 'context':
      return frame.exported.value;
    case 'input':
      return frame.task ? frame.input : null;
    case 'output':
      return frame.output ?? null;
    case 'secrets':
      if (frame.run.secrets.failure !== undefined) throw frame.run.secrets.failure;
      return frame.run.secrets.values;
    case 'authorization':
      return frame.authorization ?? null;
    case 'task':
      return frame.task ? taskDescriptor(frame.task) : null;
    case 'workflow':
      return frame.run.workflow();
    case 'runtime':
      return frame.run.runtime;
    default:
      return Object.hasOwn(frame.variables, name) ? frame.variables[name]! : null;
  }
}
