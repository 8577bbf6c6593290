import { posix } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { pointerPart } from '../../schema/index.ts';
import type { Check } from './check.ts';

/** Members of a task after which it is not certain that the next one in order runs. */
const branching = ['if', 'then', 'switch', 'raise', 'try', 'for', 'fork', 'do', 'call', 'timeout'];

/**
 * Notes a workflow that runs itself whatever its data: every job of it would submit another one. A recursion behind a
 * condition is its author's business.
 */
export function checkRecursion(definition: Json, file: string, check: Check): void {
  if (!isJsonObject(definition) || !isJsonObject(definition['document']) || !Array.isArray(definition['do'])) return;
  const own = posix.basename(file).replace(/\.\w+$/, '');
  for (const [i, item] of definition['do'].entries()) {
    const [name, task] = (isJsonObject(item) ? Object.entries(item)[0] : undefined) ?? [];
    if (name === undefined || !isJsonObject(task)) return;
    const target =
      isJsonObject(task['run']) && isJsonObject(task['run']['workflow']) ? task['run']['workflow'] : undefined;
    if (target && task['if'] === undefined && isOwn(target, definition['document'], own)) {
      const pointer = `/do/${i}/${pointerPart(name)}/run/workflow`;
      check.issue(pointer, 'This workflow runs itself under no condition, so without end.');
    }
    if (branching.some((key) => Object.hasOwn(task, key))) return;
  }
}

function isOwn(target: JsonObject, document: JsonObject, own: string): boolean {
  const here =
    target['namespace'] === document['namespace'] || target['namespace'] === '.' || target['namespace'] === '';
  return here && target['name'] === own;
}
