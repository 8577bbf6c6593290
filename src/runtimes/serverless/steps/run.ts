import { listed } from '../../../schema/index.ts';
import { boolean, fields, oneOf } from '../check.ts';
import type { Body } from '../model.ts';
import { compileContainer } from '../process/container.ts';
import { type Returned, returns } from '../process/result.ts';
import { compileScript } from '../process/script.ts';
import { compileShell } from '../process/shell.ts';
import type { TaskKind } from '../site.ts';
import { compileSubWorkflow } from './run-workflow.ts';

const processes = {
  container: compileContainer,
  script: compileScript,
  shell: compileShell,
  workflow: compileSubWorkflow,
};
const names = Object.keys(processes) as (keyof typeof processes)[];

/** `run`: a script, a shell command, a container, or another workflow (DSL reference, "Run"). */
export const runTask: TaskKind = {
  key: 'run',
  properties: ['run'],
  compile(at, site) {
    const place = fields(at, { what: 'the "run" task' })!.get('run')!;
    const read = fields(place, { what: '"run"', known: [...names, 'await', 'return'] });
    const awaited = boolean(read?.get('await'), 'await') ?? true;
    const returned: Returned | undefined = oneOf(read?.get('return'), 'return', returns);
    const found = names.filter((name) => read?.has(name));
    const name = found[0];
    if (!read || name === undefined || found.length > 1) {
      const problem = found.length > 1 ? `has ${listed(found).replace(' or ', ' and ')}` : 'has none of them';
      if (read) place.check.issue(place.pointer, `"run" needs exactly one of ${listed(names)}; this one ${problem}.`);
      return { type: 'run', body: passOn };
    }
    return { type: `run:${name}`, body: processes[name](read.get(name)!, { awaited, returned }, site) };
  },
};

const passOn: Body = (frame) => ({ output: frame.input });
