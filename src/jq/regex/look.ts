import { tick } from '../limits.ts';
import type { Instruction } from './compile.ts';
import { dropChoices, type Machine, undo } from './machine.ts';
import { before } from './positions.ts';

/** Runs a part of the program from an instruction and position; see `run` of match.ts. */
export type Run = (machine: Machine, startAt: number, startPosition: number, whole: boolean, until?: number) => number;

/** Whether a look around, written at instruction `pc`, holds at a position. */
export function lookAround(run: Run, machine: Machine, step: Instruction, pc: number, at: number): boolean {
  const { stack, start } = machine;
  const negative = (step.b & 1) !== 0;
  const level = stack.length;
  const found = (step.b & 2) === 0 ? run(machine, pc + 1, at, false) >= 0 : lookBehind(run, machine, step, pc, at);
  if (found && negative) undo(machine, level);
  else dropChoices(stack, level);
  if (negative) machine.start = start;
  return found !== negative;
}

/** Tries every start before `at` that the width of the part allows, nearest first, for a match that ends right there. */
function lookBehind(run: Run, machine: Machine, step: Instruction, pc: number, at: number): boolean {
  const [least = 0, most = Infinity] = step.groups ?? [];
  let from = at;
  for (let width = 0; width <= most; width++) {
    tick();
    if (width >= least && run(machine, pc + 1, from, false, at) >= 0) return true;
    if (from === 0) return false;
    from = before(machine.text, from);
  }
  return false;
}
