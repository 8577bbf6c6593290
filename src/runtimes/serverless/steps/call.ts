import { didYouMean, listed } from '../../../schema/index.ts';
import { type At, fields, object, string } from '../check.ts';
import type { Task } from '../model.ts';
import type { Site, TaskKind } from '../site.ts';
import { unsupportedCall } from '../unsupported.ts';
import { compileHttpCall } from './call-http.ts';
import { compileOpenApiCall } from './call-openapi.ts';

/** `call`: a service over HTTP, by hand or by its OpenAPI document, or a function of `use.functions`. */
export const callTask: TaskKind = {
  key: 'call',
  properties: ['call', 'with'],
  compile(at, site) {
    const read = fields(at, { what: 'the "call" task' })!;
    const name = string(read.get('call'), 'call') ?? '';
    const settings = read.get('with');
    if (name === 'http' || name === 'openapi') {
      if (!settings) at.check.issue(at.pointer, `A call of "${name}" needs the property "with", which is missing.`);
      const compile = name === 'http' ? compileHttpCall : compileOpenApiCall;
      return { type: `call:${name}`, body: settings ? compile(settings, site) : nothing };
    }
    if (name === '' || unsupportedCall(read.get('call')!, name)) return { type: 'call', body: nothing };
    return { type: 'call:function', body: compileFunctionCall(read.get('call')!, name, settings, site) };
  },
};

const nothing: Task['body'] = (frame) => ({ output: frame.input });

/** The evaluated `with` is the function's input; without one it gets the task's. */
function compileFunctionCall(at: At, name: string, settings: At | undefined, site: Site): Task['body'] {
  const ref = site.use.functions.get(name);
  if (!ref) {
    const names = ['http', 'openapi', ...site.use.functions.keys()];
    at.check.issue(
      at.pointer,
      `There is no function ${JSON.stringify(name)}${didYouMean(name, names) || `; accepted are ${listed(names)}.`}`,
    );
    return nothing;
  }
  object(settings, 'with');
  const input = settings ? site.template(settings) : undefined;
  return async (frame) => {
    const data = input ? input(frame, frame.input) : frame.input;
    const result = await site.runTask(ref.task!, { ...frame, variables: {} }, data, `${frame.key}/function`);
    return { output: result.output, ...(result.ended ? { ended: true } : {}) };
  };
}
