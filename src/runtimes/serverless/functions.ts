import { isJsonObject, type Json } from '../../model/json.ts';
import type { Site } from './site.ts';
import { compileTask } from './tasks.ts';

/**
 * Compiles `use.functions`. Each is a task that sees no variables but its own; one that calls itself, directly or
 * through others, would never end and is an issue.
 */
export function checkFunctions(site: Site): void {
  const { functions } = site.use;
  const calls = new Map([...functions].map(([name, { at }]) => [name, calledBy(at.value, functions)]));
  for (const [name, ref] of functions) {
    const task = compileTask(name, ref.at, site);
    if (task) ref.task = task;
    const cycle = pathBack(name, calls);
    if (cycle) {
      const way = [name, ...cycle].map((step) => JSON.stringify(step)).join(' → ');
      ref.at.check.issue(ref.at.pointer, `The function ${JSON.stringify(name)} calls itself without end: ${way}.`);
    }
  }
}

/** Names of functions that a task calls, at any depth. */
function calledBy(value: Json, functions: ReadonlyMap<string, unknown>, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) calledBy(item, functions, found);
  else if (isJsonObject(value)) {
    if (typeof value['call'] === 'string' && functions.has(value['call'])) found.add(value['call']);
    for (const item of Object.values(value)) calledBy(item, functions, found);
  }
  return found;
}

function pathBack(from: string, calls: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const seen = new Set<string>();
  const search = (name: string): string[] | undefined => {
    for (const next of calls.get(name) ?? []) {
      if (next === from) return [next];
      if (seen.has(next)) continue;
      seen.add(next);
      const rest = search(next);
      if (rest) return [next, ...rest];
    }
    return undefined;
  };
  return search(from);
}
