import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import { type At, fields, integer, reference } from '../check.ts';
import { raise, raiseProblem } from '../errors.ts';
import type { Shape } from '../model.ts';
import type { Site, TaskKind } from '../site.ts';
import { checkUri } from './uris.ts';

/** `raise`: ends here with an error, which a `try` around it may catch. */
export const raiseTask: TaskKind = {
  key: 'raise',
  properties: ['raise'],
  compile(at, site) {
    const place = fields(at, { what: 'the "raise" task' })!.get('raise')!;
    const error = fields(place, { what: '"raise"', known: ['error'], required: ['error'] })?.get('error');
    const named = error && typeof error.value === 'string' ? reference(error, 'errors', site.use.errors) : error;
    const shape = named ? compileError(named, site) : () => null;
    return {
      type: 'raise',
      body(frame) {
        const problem = shape(frame, frame.input) as JsonObject;
        if (typeof problem['type'] !== 'string') throw raise('expression', 'The type of a raised error must be text.');
        throw raiseProblem(problem, frame.task!.task.pointer);
      },
    };
  },
};

/** Reads an error definition (DSL reference, "Error"). */
function compileError(at: At, site: Site): Shape {
  const known = ['type', 'status', 'instance', 'title', 'detail'];
  const read = fields(at, { what: 'error', known, required: ['type', 'status'] });
  integer(read?.get('status'), 'status');
  const type = read?.get('type');
  if (type) checkUri(type, 'type');
  for (const name of ['instance', 'title', 'detail']) {
    const text = read?.get(name);
    if (text && typeof text.value !== 'string')
      text.check.issue(text.pointer, `${name} must be text or an expression.`);
  }
  const instance = read?.get('instance');
  if (typeof instance?.value === 'string' && !/^(\/|\s*\$\{)/.test(instance.value) && instance.value !== '') {
    instance.check.issue(instance.pointer, 'instance must be a JSON pointer such as /do/0/name, or an expression.');
  }
  return isJsonObject(at.value) ? site.template(at) : () => null;
}
