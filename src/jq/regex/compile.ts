import { failure } from '../errors.ts';
import { tick } from '../limits.ts';
import { fold } from './classes.ts';
import type { Anchor, ParsedRegex, RegexNode, Test } from './node.ts';

/** What an instruction does. Plain numbers: the matcher switches on them millions of times. */
export const OP = {
  char: 0,
  foldedChar: 1,
  set: 2,
  split: 3,
  jump: 4,
  save: 5,
  anchor: 6,
  look: 7,
  atomic: 8,
  backreference: 9,
  match: 10,
  keep: 11,
  /** Greedy run of one-character matches, `a` to `b` times. */
  run: 12,
  /** Remembers the position in slot `a` at the start of a loop turn. */
  mark: 13,
  /** Goes on to `b` when the turn since mark `a` matched nothing: such a loop would never end. */
  unlessMoved: 14,
} as const;

export interface Instruction {
  op: number;
  a: number;
  b: number;
  test: Test | null;
  anchor: Anchor | null;
  groups: number[] | null;
}

/** A pattern ready to run. */
export interface Code {
  readonly program: readonly Instruction[];
  readonly names: readonly (string | null)[];
  /** Position slots: two for each group, then the marks of loops. */
  readonly slots: number;
  /** A character that every match starts with, to skip ahead by; null when unknown. */
  readonly first: string | null;
  /** True when a match can only start at the start of the text. */
  readonly anchored: boolean;
}

const MAX_PROGRAM = 50_000;

interface Builder {
  readonly program: Instruction[];
  slots: number;
}

/** Turns a parsed pattern into instructions for the backtracking matcher. */
export function compileRegex({ node, names }: ParsedRegex): Code {
  const builder: Builder = { program: [], slots: 2 * names.length };
  build(builder, node);
  add(builder, OP.match);
  return {
    program: builder.program,
    names,
    slots: builder.slots,
    first: firstCharacter(node),
    anchored: startsAtStart(node),
  };
}

function add(builder: Builder, op: number, a = 0, b = 0, extra: Partial<Instruction> = {}): Instruction {
  tick();
  if (builder.program.length >= MAX_PROGRAM) throw failure('Regex failure: too big number for repeat range');
  const instruction: Instruction = { op, a, b, test: null, anchor: null, groups: null, ...extra };
  builder.program.push(instruction);
  return instruction;
}

function build(builder: Builder, node: RegexNode): void {
  switch (node.type) {
    case 'empty':
      return;
    case 'char':
      if (node.fold && fold(node.code) !== node.code) add(builder, OP.foldedChar, fold(node.code));
      else add(builder, node.fold ? OP.foldedChar : OP.char, node.code);
      return;
    case 'set':
      add(builder, OP.set, 0, 0, { test: node.test });
      return;
    case 'sequence':
      for (const item of node.items) build(builder, item);
      return;
    case 'choice':
      buildChoice(builder, node.items);
      return;
    case 'group':
      add(builder, OP.save, 2 * node.index);
      build(builder, node.body);
      add(builder, OP.save, 2 * node.index + 1);
      return;
    case 'repeat':
      buildRepeat(builder, node);
      return;
    case 'atomic':
      buildEnclosed(builder, OP.atomic, node.body);
      return;
    case 'look': {
      const flags = (node.negative ? 1 : 0) | (node.behind ? 2 : 0);
      const look = buildEnclosed(builder, OP.look, node.body);
      look.b = flags;
      if (node.behind) look.groups = [...width(node.body)];
      return;
    }
    case 'anchor':
      add(builder, OP.anchor, 0, 0, { anchor: node.kind });
      return;
    case 'backreference':
      add(builder, OP.backreference, node.fold ? 1 : 0, 0, { groups: node.groups });
      return;
    case 'keep':
      add(builder, OP.keep);
      return;
  }
}

/** A part that is matched for itself: `a` of its first instruction leads past its end. */
function buildEnclosed(builder: Builder, op: number, body: RegexNode): Instruction {
  const start = add(builder, op);
  build(builder, body);
  add(builder, OP.match);
  start.a = builder.program.length;
  return start;
}

function buildChoice(builder: Builder, items: readonly RegexNode[]): void {
  const exits: Instruction[] = [];
  items.forEach((item, i) => {
    if (i === items.length - 1) {
      build(builder, item);
      return;
    }
    const split = add(builder, OP.split);
    split.a = builder.program.length;
    build(builder, item);
    exits.push(add(builder, OP.jump));
    split.b = builder.program.length;
  });
  for (const exit of exits) exit.a = builder.program.length;
}

function oneCharacter(node: RegexNode): Test | null {
  if (node.type === 'set') return node.test;
  if (node.type !== 'char') return null;
  const { code } = node;
  if (!node.fold) return (other) => other === code;
  const folded = fold(code);
  return (other) => fold(other) === folded;
}

function buildRepeat(builder: Builder, node: RegexNode & { type: 'repeat' }): void {
  const { body, min, max, mode } = node;
  if (mode === 'possessive') {
    buildEnclosed(builder, OP.atomic, { ...node, mode: 'greedy' });
    return;
  }
  const test = oneCharacter(body);
  if (test !== null && mode === 'greedy') {
    add(builder, OP.run, min, max, { test });
    return;
  }
  for (let i = 0; i < min; i++) build(builder, body);
  if (max === Infinity) buildLoop(builder, body, mode === 'lazy');
  else buildOptional(builder, body, max - min, mode === 'lazy');
}

function setSplit(split: Instruction, lazy: boolean, enter: number, leave: number): void {
  split.a = lazy ? leave : enter;
  split.b = lazy ? enter : leave;
}

function buildLoop(builder: Builder, body: RegexNode, lazy: boolean): void {
  const start = builder.program.length;
  const split = add(builder, OP.split);
  const slot = builder.slots++;
  add(builder, OP.mark, slot);
  build(builder, body);
  const check = add(builder, OP.unlessMoved, slot);
  add(builder, OP.jump, start);
  check.b = builder.program.length;
  setSplit(split, lazy, start + 1, builder.program.length);
}

function buildOptional(builder: Builder, body: RegexNode, count: number, lazy: boolean): void {
  const splits: { split: Instruction; enter: number }[] = [];
  for (let i = 0; i < count; i++) {
    const split = add(builder, OP.split);
    splits.push({ split, enter: builder.program.length });
    build(builder, body);
  }
  for (const { split, enter } of splits) setSplit(split, lazy, enter, builder.program.length);
}

/** The least and most characters that a part can match; what refers back may match anything. */
function width(node: RegexNode): readonly [number, number] {
  switch (node.type) {
    case 'char':
    case 'set':
      return [1, 1];
    case 'group':
    case 'atomic':
      return width(node.body);
    case 'sequence':
      return node.items.map(width).reduce(([min, max], [a, b]) => [min + a, max + b], [0, 0]);
    case 'choice':
      return node.items.map(width).reduce(([min, max], [a, b]) => [Math.min(min, a), Math.max(max, b)]);
    case 'repeat': {
      const [least, most] = width(node.body);
      return [least * node.min, most === 0 ? 0 : most * node.max];
    }
    case 'backreference':
      return [0, Infinity];
    default:
      return [0, 0];
  }
}

function firstCharacter(node: RegexNode): string | null {
  switch (node.type) {
    case 'char':
      return node.fold ? null : String.fromCodePoint(node.code);
    case 'sequence':
      return node.items[0] === undefined ? null : firstCharacter(node.items[0]);
    case 'group':
    case 'atomic':
      return firstCharacter(node.body);
    case 'repeat':
      return node.min > 0 ? firstCharacter(node.body) : null;
    default:
      return null;
  }
}

function startsAtStart(node: RegexNode): boolean {
  if (node.type === 'anchor') return node.kind === 'start';
  if (node.type === 'sequence') return node.items[0] !== undefined && startsAtStart(node.items[0]);
  return (node.type === 'group' || node.type === 'atomic') && startsAtStart(node.body);
}
