import { claim } from '../limits.ts';
import type { Code } from './compile.ts';

/** How a search is to pick its match. */
export interface SearchOptions {
  /** Skips matches of nothing. */
  notEmpty: boolean;
  /** Takes the longest match at a position instead of the first. */
  longest: boolean;
}

export interface Machine extends SearchOptions {
  readonly code: Code;
  readonly text: string;
  /** Where the search began, for `\G`. */
  readonly from: number;
  slots: number[];
  /** Start of the match as `\K` moves it. */
  start: number;
  /**
   * What to fall back on, three numbers an entry: [instruction, position, least position] for a choice (a run may give
   * back characters down to the least position), or [-1 - slot, old value, 0] to undo a slot. Kept here rather than on
   * the JavaScript stack, so that no pattern can overflow it.
   */
  stack: number[];
}

/** Puts an entry on the stack. */
export function push(machine: Machine, a: number, b: number, c: number): void {
  const { stack } = machine;
  if (stack.length > 3000 && stack.length % 3000 === 0) claim(24_000);
  stack.push(a, b, c);
}

/** Sets a slot so that going back undoes it. */
export function setSlot(machine: Machine, slot: number, value: number): void {
  push(machine, -1 - slot, machine.slots[slot] as number, 0);
  machine.slots[slot] = value;
}

/** Forgets the choices above a level but keeps the slots' undo entries. */
export function dropChoices(stack: number[], level: number): void {
  let kept = level;
  for (let i = level; i < stack.length; i += 3) {
    if ((stack[i] as number) >= 0) continue;
    stack[kept] = stack[i] as number;
    stack[kept + 1] = stack[i + 1] as number;
    stack[kept + 2] = 0;
    kept += 3;
  }
  stack.length = kept;
}

/** Undoes slots down to a level of the stack. */
export function undo(machine: Machine, level: number): void {
  const { stack } = machine;
  while (stack.length > level) {
    stack.pop();
    const value = stack.pop() as number;
    const target = stack.pop() as number;
    if (target < 0) machine.slots[-1 - target] = value;
  }
}
