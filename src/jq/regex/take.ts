import { tick } from '../limits.ts';
import { fold } from './classes.ts';
import { type Instruction, OP } from './compile.ts';
import type { Machine } from './machine.ts';

/** Whether a step takes a character. */
export function accepts(step: Instruction, c: number): boolean {
  if (step.test !== null) return step.test(c);
  return step.op === OP.char ? c === step.a : fold(c) === step.a;
}

/** The end of a run of characters of one class, or -1 when they are too few. */
export function runOf(machine: Machine, step: Instruction, from: number): number {
  const { text } = machine;
  const test = step.test as NonNullable<Instruction['test']>;
  let at = from;
  let count = 0;
  while (count < step.b && at < text.length) {
    const c = text.codePointAt(at) as number;
    if (!test(c)) break;
    tick();
    at += c > 0xffff ? 2 : 1;
    count++;
  }
  return count < step.a ? -1 : at;
}

/** The end of a repetition of a group's text at a position, or -1. */
export function repeatGroup(machine: Machine, step: Instruction, at: number): number {
  const { text, slots } = machine;
  for (const group of (step.groups as number[]).toReversed()) {
    const start = slots[2 * group] as number;
    const end = slots[2 * group + 1] as number;
    if (start < 0 || end < 0) continue;
    const wanted = text.slice(start, end);
    tick(wanted.length >>> 4);
    const found = text.slice(at, at + wanted.length);
    if (found === wanted || (step.a === 1 && sameFolded(found, wanted))) return at + wanted.length;
  }
  return -1;
}

function sameFolded(a: string, b: string): boolean {
  return (
    a.length === b.length &&
    Array.from(a, (c) => fold(c.codePointAt(0) as number)).join() ===
      Array.from(b, (c) => fold(c.codePointAt(0) as number)).join()
  );
}
