import { isJsonObject } from '../../model/json.ts';
import { didYouMean, listed, pointerPart } from '../../schema/index.ts';
import { type At, fields, items, object, single, string } from './check.ts';
import { compileShaping } from './data-flow.ts';
import { directives } from './directives.ts';
import type { Task, TaskList } from './model.ts';
import type { Site, TaskKind } from './site.ts';
import { kinds } from './steps/index.ts';
import { unsupportedTask } from './unsupported.ts';

const common = ['if', 'input', 'output', 'export', 'timeout', 'then', 'metadata'];
/** Keys that tell the kind of a task, the telling one first: `for` has a `do`, `try` has a `catch`. */
const telling = kinds.map((kind) => kind.key);

/**
 * Compiles one task. Its kind is told by its own key first; only that kind's properties are then checked, so that one
 * slip gives one message.
 */
export function compileTask(name: string, at: At, site: Site): Task | undefined {
  if (!isJsonObject(at.value)) {
    at.check.issue(
      at.pointer,
      `The task ${JSON.stringify(name)} must be an object with one of ${listed(telling, 20)}.`,
    );
    return undefined;
  }
  const kind = kindOf(name, at, Object.keys(at.value));
  if (!kind) return undefined;
  const known = [...kind.properties, ...common];
  const read = fields(at, { what: `the ${JSON.stringify(kind.key)} task`, known });
  if (!read) return undefined;
  object(read.get('metadata'), 'metadata');
  const condition = read.get('if');
  const timeout = read.get('timeout');
  const then = string(read.get('then'), 'then');
  const { type, body } = kind.compile(at, site, at.value);
  return {
    name,
    part: pointerPart(name),
    pointer: at.pointer,
    type,
    definition: at.value,
    input: compileShaping(read.get('input'), 'input', site),
    output: compileShaping(read.get('output'), 'output', site),
    export: compileShaping(read.get('export'), 'export', site),
    body,
    ...(condition ? { condition: site.condition(condition, 'if') } : {}),
    ...(timeout ? { timeout: site.timeout(timeout) } : {}),
    ...(then === undefined ? {} : { next: then }),
  };
}

function kindOf(name: string, at: At, keys: string[]): TaskKind | undefined {
  if (unsupportedTask(at, keys)) return undefined;
  const found = kinds.filter((kind) => keys.includes(kind.key));
  // `do` belongs to a `for`, and tells a task of its own only where nothing else does.
  const own = found.length > 1 ? found.filter((kind) => kind.key !== 'do') : found;
  if (own.length === 1) return own[0];
  const task = `The task ${JSON.stringify(name)}`;
  if (own.length > 1) {
    const several = listed(own.map((kind) => kind.key)).replace(' or ', ' and ');
    at.check.issue(at.pointer, `${task} has ${several}; a task does exactly one thing.`);
  } else if (keys.includes('catch')) {
    at.check.issue(at.pointer, `${task} has "catch" without "try".`);
  } else {
    const odd = keys.find((key) => !common.includes(key));
    const hint = odd === undefined ? '' : didYouMean(odd, telling);
    const found = odd === undefined ? 'found none of them' : `found ${JSON.stringify(odd)}`;
    at.check.issue(at.pointer, `${task} needs one of ${listed(telling, 20)}; ${found}${hint || '.'}`);
  }
  return undefined;
}

/** Compiles a list of named tasks and checks that its directives lead somewhere. */
export function compileList(at: At, what: string, site: Site): TaskList {
  const tasks: Task[] = [];
  const places = new Map<string, number>();
  const directed: { at: At; to: string }[] = [];
  for (const item of items(at, what)) {
    const entry = single(item, `Each entry of ${what}`);
    if (!entry) continue;
    const [name, place] = entry;
    if (places.has(name)) {
      place.check.issue(
        place.pointer,
        `There are two tasks named ${JSON.stringify(name)} in this list; names must differ.`,
      );
    }
    if (directives.includes(name)) {
      place.check.issue(place.pointer, `A task cannot be named ${JSON.stringify(name)}, which is a flow directive.`);
    }
    const task = compileTask(name, place, site);
    directed.push(...targets(place));
    if (!places.has(name)) places.set(name, Number(item.pointer.slice(item.pointer.lastIndexOf('/') + 1)));
    // A broken task leaves a gap; a definition with issues is never run.
    if (task) tasks.push(task);
  }
  if (Array.isArray(at.value) && at.value.length === 0) at.check.issue(at.pointer, `${what} has no task.`);
  for (const { at: from, to } of directed) checkTarget(from, to, [...places.keys()]);
  return { tasks, places };
}

/** Directives of a task that lead to another task of its own list. */
function targets(at: At): { at: At; to: string }[] {
  const read = isJsonObject(at.value) ? fields({ ...at, check: { issue() {} } }, { what: 'task' }) : undefined;
  const found: { at: At; to: string }[] = [];
  const note = (then: At | undefined) => {
    if (typeof then?.value === 'string') found.push({ at: { ...then, check: at.check }, to: then.value });
  };
  note(read?.get('then'));
  const cases = read?.get('switch');
  if (cases && Array.isArray(cases.value)) {
    for (const item of items({ ...cases, check: { issue() {} } }, 'switch')) {
      const [, branch] = single(item, 'case') ?? [];
      if (branch && isJsonObject(branch.value)) note(fields(branch, { what: 'case' })?.get('then'));
    }
  }
  const caught = read?.get('catch');
  if (caught && isJsonObject(caught.value)) note(fields(caught, { what: 'catch' })?.get('then'));
  return found;
}

function checkTarget(at: At, to: string, names: readonly string[]): void {
  if (directives.includes(to) || names.includes(to)) return;
  const hint = didYouMean(to, [...directives, ...names]);
  const accepted = `accepted are "continue", "exit", "end" and the tasks of the same list: ${listed(names)}`;
  at.check.issue(at.pointer, `There is no task ${JSON.stringify(to)} in this list to go to${hint || `; ${accepted}.`}`);
}
