import { tick } from '../limits.ts';
import { holds } from './anchors.ts';
import { type Code, type Instruction, OP } from './compile.ts';
import { lookAround } from './look.ts';
import { dropChoices, type Machine, push, type SearchOptions, setSlot } from './machine.ts';
import type { Anchor } from './node.ts';
import { after, before, skip } from './positions.ts';
import { accepts, repeatGroup, runOf } from './take.ts';

/** A match in code units. `slots` holds start and end of each group, -1 where it took no part. */
export interface Match {
  start: number;
  end: number;
  slots: number[];
}

/** Finds the first match at or after `from`. Every step counts against the run's budget. */
export function search(code: Code, text: string, from: number, options: SearchOptions): Match | null {
  const { notEmpty, longest } = options;
  const machine: Machine = { notEmpty, longest, code, text, from, slots: NO_SLOTS, start: from, stack: [] };
  for (let at = from; at <= text.length; at = after(text, at)) {
    if (code.anchored && at > 0) return null;
    if (code.first !== null) {
      at = text.indexOf(code.first, at);
      if (at < 0) {
        tick(text.length >>> 6);
        return null;
      }
    }
    if (code.slots > 0) machine.slots = emptySlots(code.slots);
    machine.start = at;
    const end = run(machine, 0, at, true);
    if (end >= 0) return { start: machine.start, end, slots: machine.slots };
    if (at === text.length) return null;
  }
  return null;
}

const NO_SLOTS: number[] = [];

function emptySlots(count: number): number[] {
  const slots: number[] = [];
  for (let i = 0; i < count; i++) slots.push(-1);
  return slots;
}

/**
 * Runs from an instruction until it matches (at `until`, unless that is negative), giving the end, or has nothing left to try, giving -1. Entries of the
 * stack below the level at the call are not touched, so that parts may be matched by a run inside the run.
 */
function run(machine: Machine, startAt: number, startPosition: number, whole: boolean, until = -1): number {
  const { code, text, stack } = machine;
  const { program } = code;
  const floor = stack.length;
  let pc = startAt;
  let at = startPosition;
  let best = -1;
  let bestSlots: number[] | null = null;
  for (;;) {
    tick();
    const step = program[pc] as Instruction;
    let ok = true;
    switch (step.op) {
      case OP.char:
      case OP.foldedChar:
      case OP.set: {
        const c = text.codePointAt(at);
        ok = c !== undefined && accepts(step, c);
        if (ok) {
          at += (c as number) > 0xffff ? 2 : 1;
          pc++;
        }
        break;
      }
      case OP.split:
        push(machine, step.b, at, -1);
        pc = step.a;
        break;
      case OP.jump:
        pc = step.a;
        break;
      case OP.save:
      case OP.mark:
        setSlot(machine, step.a, at);
        pc++;
        break;
      case OP.unlessMoved:
        pc = machine.slots[step.a] === at ? step.b : pc + 1;
        break;
      case OP.anchor:
        ok = holds(machine, step.anchor as Anchor, at);
        pc++;
        break;
      case OP.run: {
        const end = runOf(machine, step, at);
        ok = end >= 0;
        if (ok) {
          const least = skip(text, at, step.a);
          pc++;
          if (end > least) push(machine, pc, before(text, end), least);
          at = end;
        }
        break;
      }
      case OP.atomic: {
        const level = stack.length;
        const end = run(machine, pc + 1, at, false);
        ok = end >= 0;
        if (ok) {
          dropChoices(stack, level);
          at = end;
          pc = step.a;
        }
        break;
      }
      case OP.look:
        ok = lookAround(run, machine, step, pc, at);
        pc = step.a;
        break;
      case OP.backreference: {
        const end = repeatGroup(machine, step, at);
        ok = end >= 0;
        at = end;
        pc++;
        break;
      }
      case OP.keep:
        machine.start = at;
        pc++;
        break;
      default:
        if (!whole) {
          ok = until < 0 || at === until;
          if (ok) return at;
        } else if (machine.notEmpty && at === machine.start) ok = false;
        else if (!machine.longest) return at;
        else {
          if (at > best) {
            best = at;
            bestSlots = machine.slots.slice();
          }
          ok = false;
        }
    }
    if (ok) continue;
    // Back to the last choice, undoing slots on the way.
    for (;;) {
      if (stack.length <= floor) {
        if (bestSlots !== null) machine.slots = bestSlots;
        return best;
      }
      const least = stack.pop() as number;
      const value = stack.pop() as number;
      const target = stack.pop() as number;
      if (target < 0) {
        machine.slots[-1 - target] = value;
        continue;
      }
      if (least >= 0 && value > least) push(machine, target, before(text, value), least);
      pc = target;
      at = value;
      break;
    }
  }
}
