import { type At, fields, items, single, string } from '../check.ts';
import type { Condition } from '../model.ts';
import type { Site, TaskKind } from '../site.ts';

interface Case {
  when?: Condition;
  next: string;
}

/** `switch`: goes on where the first matching case says; without a match, to its own `then`. */
export const switchTask: TaskKind = {
  key: 'switch',
  properties: ['switch'],
  compile(at, site) {
    const cases = readCases(fields(at, { what: 'the "switch" task' })!.get('switch')!, site);
    const otherwise = cases.find((entry) => !entry.when);
    return {
      type: 'switch',
      body: (frame) => {
        const match = cases.find((entry) => entry.when?.(frame, frame.input)) ?? otherwise;
        return { output: frame.input, next: match?.next };
      },
    };
  },
};

function readCases(at: At, site: Site): Case[] {
  const cases: Case[] = [];
  const list = items(at, '"switch"');
  if (Array.isArray(at.value) && list.length === 0) at.check.issue(at.pointer, '"switch" needs at least one case.');
  for (const item of list) {
    const [name, place] = single(item, 'Each case of "switch"') ?? [];
    if (name === undefined || !place) continue;
    const read = fields(place, {
      what: `the case ${JSON.stringify(name)}`,
      known: ['when', 'then'],
      required: ['then'],
    });
    const then = string(read?.get('then'), 'then');
    const when = read?.get('when');
    if (!when && cases.some((entry) => !entry.when)) {
      place.check.issue(place.pointer, 'Only one case may be without "when": it is the default.');
    }
    cases.push({ next: then ?? 'continue', ...(when ? { when: site.condition(when, 'when') } : {}) });
  }
  return cases;
}
