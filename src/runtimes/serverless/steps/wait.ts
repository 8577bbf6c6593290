import { fields } from '../check.ts';
import type { TaskKind } from '../site.ts';

/** `wait`: goes on after a duration, with its input as output. Nothing is held meanwhile. */
export const waitTask: TaskKind = {
  key: 'wait',
  properties: ['wait'],
  compile(at, site) {
    const duration = site.duration(fields(at, { what: 'the "wait" task' })!.get('wait')!, 'wait');
    return {
      type: 'wait',
      async body(frame) {
        const wakeAt = frame.context.now() + duration(frame, frame.input);
        await frame.context.wait(frame.key, { name: frame.task!.task.name, type: 'wait' }, { kind: 'timer', wakeAt });
        return { output: frame.input };
      },
    };
  },
};
