import type { Json } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { Branch } from '../../../runtime.ts';
import { pointerPart } from '../../../schema/index.ts';
import { boolean, fields } from '../check.ts';
import { directives } from '../directives.ts';
import { type ContextBox, emptyList, type Frame, type Result, type TaskList } from '../model.ts';
import type { Site, TaskKind } from '../site.ts';

/** A branch that came to its end, with the context as it left it. */
interface Ended {
  result: Result;
  exported: ContextBox;
}

/** `fork`: branches side by side; their outputs in the order they are declared, or that of the first to end. */
export const forkTask: TaskKind = {
  key: 'fork',
  properties: ['fork'],
  compile(at, site) {
    const place = fields(at, { what: 'the "fork" task' })!.get('fork')!;
    const read = fields(place, { what: '"fork"', known: ['branches', 'compete'], required: ['branches'] });
    const compete = boolean(read?.get('compete'), 'compete') ?? false;
    const branches = read?.get('branches');
    const list = branches ? site.list(branches, '"branches"') : emptyList;
    for (const task of list.tasks) {
      if (task.next === undefined || directives.includes(task.next)) continue;
      at.check.issue(
        `${task.pointer}/then`,
        'A branch cannot lead to another branch; accepted are "continue", "exit" and "end".',
      );
    }
    return { type: 'fork', body: (frame) => (compete ? race(list, frame, site) : together(list, frame, site)) };
  },
};

/** Each branch sees the context as it was at the fork: which one is faster must not decide what another sees. */
function branchesOf(list: TaskList, frame: Frame, site: Site): Branch<Ended>[] {
  return list.tasks.map((task, i) => async (context) => {
    const exported = { value: frame.exported.value };
    const key = `${frame.key}/fork/branches/${i}/${pointerPart(task.name)}`;
    const result = await site.runTask(task, { ...frame, context, exported }, frame.input, key);
    return { result, exported };
  });
}

async function together(list: TaskList, frame: Frame, site: Site): Promise<Result> {
  const before = frame.exported.value;
  const ended = await frame.context.all(branchesOf(list, frame, site));
  frame.exported.value = ended.reduce<Json>(
    (merged, { exported }) => mergeContext(before, merged, exported.value),
    before,
  );
  return { output: ended.map(({ result }) => result.output), ended: ended.some(({ result }) => isEnd(result)) };
}

async function race(list: TaskList, frame: Frame, site: Site): Promise<Result> {
  const { value } = await frame.context.race(`${frame.key}#compete`, branchesOf(list, frame, site));
  frame.exported.value = value.exported.value;
  return { output: value.result.output, ended: isEnd(value.result) };
}

const isEnd = (result: Result): boolean => result.ended === true || result.next === 'end';

/** What a branch changed of the context goes over what earlier declared branches changed, name by name. */
function mergeContext(before: Json, merged: Json, after: Json): Json {
  if (after === before) return merged;
  if (!isJsonObject(after) || !isJsonObject(merged)) return after;
  const start = isJsonObject(before) ? before : {};
  const changed = Object.entries(after).filter(([name, value]) => !Object.hasOwn(start, name) || start[name] !== value);
  return Object.assign(Object.create(null), merged, Object.fromEntries(changed));
}
