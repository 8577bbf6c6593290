import { fields } from '../check.ts';
import type { TaskKind } from '../site.ts';

/** `do`: tasks one after the other. */
export const doTask: TaskKind = {
  key: 'do',
  properties: ['do'],
  compile(at, site) {
    const list = site.list(fields(at, { what: 'the "do" task' })!.get('do')!, '"do"');
    return { type: 'do', body: (frame) => site.runList(list, frame, frame.input, `${frame.key}/do`) };
  },
};
