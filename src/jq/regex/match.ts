import { claim, tick } from '../limits.ts';
import { fold, WORD } from './classes.ts';
import { type Code, type Instruction, OP } from './compile.ts';
import type { Anchor } from './node.ts';

/** How a search is to pick its match. */
export interface SearchOptions {
  /** Skips matches of nothing. */
  notEmpty: boolean;
  /** Takes the longest match at a position instead of the first. */
  longest: boolean;
}

/** A match in code units. `slots` holds start and end of each group, -1 where it took no part. */
export interface Match {
  start: number;
  end: number;
  slots: number[];
}

interface Machine extends SearchOptions {
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

/** The position after the character at `at`. */
export function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

function before(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  const high = at > 1 ? text.charCodeAt(at - 2) : 0;
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff ? at - 2 : at - 1;
}

function push(machine: Machine, a: number, b: number, c: number): void {
  const { stack } = machine;
  if (stack.length > 3000 && stack.length % 3000 === 0) claim(24_000);
  stack.push(a, b, c);
}

function setSlot(machine: Machine, slot: number, value: number): void {
  push(machine, -1 - slot, machine.slots[slot] as number, 0);
  machine.slots[slot] = value;
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
        ok = lookAround(machine, step, pc, at);
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

function accepts(step: Instruction, c: number): boolean {
  if (step.test !== null) return step.test(c);
  return step.op === OP.char ? c === step.a : fold(c) === step.a;
}

function skip(text: string, from: number, count: number): number {
  let at = from;
  for (let i = 0; i < count; i++) at = after(text, at);
  return at;
}

function runOf(machine: Machine, step: Instruction, from: number): number {
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

/** Forgets the choices above a level but keeps the slots' undo entries. */
function dropChoices(stack: number[], level: number): void {
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

function lookAround(machine: Machine, step: Instruction, pc: number, at: number): boolean {
  const { stack, start } = machine;
  const negative = (step.b & 1) !== 0;
  const level = stack.length;
  const found = (step.b & 2) === 0 ? run(machine, pc + 1, at, false) >= 0 : lookBehind(machine, step, pc, at);
  if (found && negative) undo(machine, level);
  else dropChoices(stack, level);
  if (negative) machine.start = start;
  return found !== negative;
}

/** Tries every start before `at` that the width of the part allows, nearest first, for a match that ends right there. */
function lookBehind(machine: Machine, step: Instruction, pc: number, at: number): boolean {
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

function undo(machine: Machine, level: number): void {
  const { stack } = machine;
  while (stack.length > level) {
    stack.pop();
    const value = stack.pop() as number;
    const target = stack.pop() as number;
    if (target < 0) machine.slots[-1 - target] = value;
  }
}

function repeatGroup(machine: Machine, step: Instruction, at: number): number {
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

function isWordAt(text: string, at: number): boolean {
  const c = at < 0 ? undefined : text.codePointAt(at);
  return c !== undefined && WORD(c);
}

function holds(machine: Machine, anchor: Anchor, at: number): boolean {
  const { text } = machine;
  switch (anchor) {
    case 'start':
      return at === 0;
    case 'end':
      return at === text.length;
    case 'end-or-newline':
      return at === text.length || (at === text.length - 1 && text[at] === '\n');
    case 'line-start':
      return at === 0 || text[at - 1] === '\n';
    case 'line-end':
      return at === text.length || text[at] === '\n';
    case 'search-start':
      return at === machine.from;
    default: {
      const boundary = (at > 0 && isWordAt(text, before(text, at))) !== isWordAt(text, at);
      return boundary === (anchor === 'word-boundary');
    }
  }
}
