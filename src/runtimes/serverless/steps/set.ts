import { isJsonObject } from '../../../model/json.ts';
import { fields } from '../check.ts';
import type { TaskKind } from '../site.ts';

/** `set`: the output is a new value, made from the input. */
export const setTask: TaskKind = {
  key: 'set',
  properties: ['set'],
  compile(at, site) {
    const value = fields(at, { what: 'the "set" task' })!.get('set')!;
    const isMap = isJsonObject(value.value) && Object.keys(value.value).length > 0;
    if (!isMap && typeof value.value !== 'string') {
      value.check.issue(value.pointer, '"set" must be an object with at least one name, or an expression.');
    }
    const shape = site.template(value);
    return { type: 'set', body: (frame) => ({ output: shape(frame, frame.input) }) };
  },
};
