import { shown } from '../../../schema/index.ts';
import { type At, fields } from '../check.ts';
import { raise } from '../errors.ts';
import { emptyList, type Shape } from '../model.ts';
import type { Site, TaskKind } from '../site.ts';
import { variableName } from './names.ts';

/** `for`: a list of tasks once for each item; what one round gives is the input of the next. */
export const forTask: TaskKind = {
  key: 'for',
  properties: ['for', 'while', 'do'],
  compile(at, site) {
    const read = fields(at, { what: 'the "for" task', required: ['do'] })!;
    const loop = fields(read.get('for')!, { what: '"for"', known: ['each', 'in', 'at'], required: ['in'] });
    const each = variableName(loop?.get('each'), 'each', 'item');
    const index = variableName(loop?.get('at'), 'at', 'index');
    const source = loop?.get('in');
    const collection = source ? compileCollection(source, site) : () => null;
    const inner = site.within([each, index]);
    const condition = read.get('while');
    const tasks = read.get('do');
    const list = tasks ? inner.list(tasks, '"do"') : emptyList;
    const goesOn = condition ? inner.condition(condition, 'while') : undefined;
    return {
      type: 'for',
      async body(frame) {
        const found = collection(frame, frame.input) ?? [];
        if (!Array.isArray(found)) {
          throw raise('expression', `"for.in" must give a list; it gave ${shown(found)}.`);
        }
        let output = frame.input;
        for (const [i, item] of found.entries()) {
          const round = { ...frame, variables: { ...frame.variables, [each]: item, [index]: i } };
          if (goesOn && !goesOn(round, output)) break;
          const result = await site.runList(list, round, output, `${frame.key}/for/${i}/do`);
          output = result.output;
          if (result.ended) return result;
        }
        return { output };
      },
    };
  },
};

/** `in`: an expression, or a list written in the definition. */
function compileCollection(at: At, site: Site): Shape {
  if (Array.isArray(at.value)) return site.template(at);
  if (typeof at.value === 'string') return site.expression(at, 'for.in');
  at.check.issue(at.pointer, `for.in must be an expression or a list; found ${shown(at.value)}.`);
  return () => null;
}
