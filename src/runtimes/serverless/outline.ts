import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { OutlinePart, OutlineStep } from '../../model/outline.ts';
import { directives } from './directives.ts';

/** The steps of a definition that was found good, by its document alone. */
export const outlineOf = (document: JsonObject): OutlineStep[] => listOf(document['do'], '/do');

/** Tasks of a list: objects with one name each. */
function listOf(list: Json | undefined, pointer: string): OutlineStep[] {
  const named = entriesOf(list, pointer);
  return named.map(([name, task, at], index): OutlineStep => {
    const following = named[index + 1]?.[0];
    return {
      name,
      type: typeOf(task),
      pointer: at,
      next: nextOf(task, following, new Set(named.map(([other]) => other))),
      parts: partsOf(task, at),
    };
  });
}

/** Name, value and pointer of each entry of a list of objects with one key. */
function entriesOf(list: Json | undefined, pointer: string): [string, JsonObject, string][] {
  return (Array.isArray(list) ? list : []).flatMap((item, index): [string, JsonObject, string][] => {
    if (!isJsonObject(item)) return [];
    return Object.entries(item).flatMap(([name, value]): [string, JsonObject, string][] =>
      isJsonObject(value) ? [[name, value, `${pointer}/${index}/${escaped(name)}`]] : [],
    );
  });
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Keys that tell a kind, the telling one first, since `for` has a `do` and `try` a `catch`. */
const kinds = ['call', 'run', 'for', 'fork', 'try', 'switch', 'set', 'wait', 'raise', 'listen', 'emit', 'do'];

function typeOf(task: JsonObject): string {
  const kind = kinds.find((key) => task[key] !== undefined) ?? 'step';
  const value = task[kind];
  if (kind === 'call' && typeof value === 'string') return `call:${value}`;
  if (kind === 'run' && isJsonObject(value)) {
    const what = ['script', 'shell', 'container', 'workflow'].find((key) => value[key] !== undefined);
    return what === undefined ? kind : `run:${what}`;
  }
  return kind;
}

function partsOf(task: JsonObject, pointer: string): OutlinePart[] {
  const part = (label: string, list: Json | undefined, at: string): OutlinePart[] => {
    const steps = listOf(list, at);
    return steps.length === 0 ? [] : [{ label, steps }];
  };
  const { fork, catch: handler } = task;
  if (isJsonObject(fork)) {
    // Branches begin together: each is a list of its own.
    return listOf(fork['branches'], `${pointer}/fork/branches`).map((step) => ({
      label: step.name,
      steps: [{ ...step, next: [] }],
    }));
  }
  return [
    ...part('try', task['try'], `${pointer}/try`),
    ...part('catch', isJsonObject(handler) ? handler['do'] : undefined, `${pointer}/catch/do`),
    ...part('do', task['do'], `${pointer}/do`),
  ];
}

/** Where a task may go on: to the step after it, unless `then` or all cases of a `switch` say otherwise. */
function nextOf(task: JsonObject, following: string | undefined, names: ReadonlySet<string>): string[] {
  const then = typeof task['then'] === 'string' ? task['then'] : 'continue';
  const cases = entriesOf(task['switch'], '').map(([, value]) => value);
  const targets = cases.map(({ then: target }) => (typeof target === 'string' ? target : 'continue'));
  if (cases.length === 0 || cases.every(({ when }) => when !== undefined)) targets.push(then);
  const next = targets.map((target) => (target === 'continue' ? following : target));
  return [...new Set(next)].filter(
    (name): name is string => name !== undefined && names.has(name) && !directives.includes(name),
  );
}
