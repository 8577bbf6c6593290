import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { DefinitionIssue } from '../../model/workflow.ts';
import { didYouMean, listed, pointerPart, shown } from '../../schema/index.ts';

/** Where issues of one definition are collected. */
export interface Check {
  /** Notes what is wrong at a place of the definition; `shift` moves the place into a text that begins there. */
  issue(pointer: string, message: string, shift?: TextPlace): void;
}

/** A place inside a text value: the text around it, and line and column from 1 within that text. */
export interface TextPlace {
  text: string;
  line: number;
  column: number;
}

/** A value of the definition, with its place. */
export interface At {
  readonly value: Json;
  readonly pointer: string;
  readonly check: Check;
}

/** Members of an object, each with its place; an absent one is undefined. */
export interface Fields {
  at: At;
  has(name: string): boolean;
  get(name: string): At | undefined;
}

export interface FieldRules {
  /** How messages call the object: `document`, `the "http" call`. */
  what: string;
  /** Every property it may have; absent: any. */
  known?: readonly string[];
  required?: readonly string[];
}

const issue = (at: At, message: string): undefined => {
  at.check.issue(at.pointer, message);
};

/** The member of an object or list, with its place. */
export const child = (at: At, name: string | number, value: Json): At => ({
  value,
  pointer: `${at.pointer}/${pointerPart(name)}`,
  check: at.check,
});

/** Reads an object: reports another kind of value, unknown members (with the nearest known name) and missing ones. */
export function fields(at: At, { what, known, required = [] }: FieldRules): Fields | undefined {
  const { value } = at;
  if (!isJsonObject(value)) return issue(at, `${cap(what)} must be an object; found ${shown(value)}.`);
  const names = Object.keys(value);
  if (known) {
    for (const name of names.filter((name) => !known.includes(name))) {
      const hint = didYouMean(name, known) || `; accepted are ${listed(known, 20)}.`;
      issue(child(at, name, null), `${JSON.stringify(name)} is not a property of ${what}${hint}`);
    }
  }
  for (const name of required.filter((name) => !names.includes(name))) {
    issue(at, `${cap(what)} needs the property ${JSON.stringify(name)}, which is missing.`);
  }
  return {
    at,
    has: (name) => Object.hasOwn(value, name),
    get: (name) => (Object.hasOwn(value, name) ? child(at, name, value[name]!) : undefined),
  };
}

/** Words begin a sentence with a capital; the name of a property stays as it is written. */
const cap = (text: string): string =>
  /^(the|an?|each) /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** Entries of an object used as a map of names. */
export function entries(at: At, what: string): [string, At][] {
  if (!isJsonObject(at.value)) {
    issue(at, `${cap(what)} must be an object of names; found ${shown(at.value)}.`);
    return [];
  }
  return Object.entries(at.value).map(([name, value]) => [name, child(at, name, value)]);
}

/** Items of a list. */
export function items(at: At, what: string): At[] {
  if (!Array.isArray(at.value)) {
    issue(at, `${cap(what)} must be a list; found ${shown(at.value)}.`);
    return [];
  }
  return at.value.map((value, i) => child(at, i, value));
}

/** The one entry of an object such as `- name: { … }`. */
export function single(at: At, what: string): [string, At] | undefined {
  if (!isJsonObject(at.value)) {
    return issue(
      at,
      `${cap(what)} must be an object with one name, such as "- myName: { … }"; found ${shown(at.value)}.`,
    );
  }
  const names = Object.keys(at.value);
  if (names.length !== 1) {
    const found = names.length === 0 ? 'none' : `${names.length}: ${listed(names)} (check the indentation)`;
    return issue(at, `${cap(what)} must have exactly one name; found ${found}.`);
  }
  const name = names[0]!;
  return [name, child(at, name, at.value[name]!)];
}

export function string(at: At | undefined, what: string): string | undefined {
  if (!at) return undefined;
  if (typeof at.value === 'string') return at.value;
  const quoted = typeof at.value === 'number' || typeof at.value === 'boolean';
  return issue(at, `${cap(what)} must be text; found ${shown(at.value)}${quoted ? ' (put it in quotes)' : ''}.`);
}

export function integer(at: At | undefined, what: string): number | undefined {
  if (!at) return undefined;
  if (typeof at.value === 'number' && Number.isSafeInteger(at.value)) return at.value;
  return issue(at, `${cap(what)} must be a whole number; found ${shown(at.value)}.`);
}

export function boolean(at: At | undefined, what: string): boolean | undefined {
  if (!at) return undefined;
  if (typeof at.value === 'boolean') return at.value;
  return issue(at, `${cap(what)} must be true or false; found ${shown(at.value)}.`);
}

export function oneOf<T extends string>(at: At | undefined, what: string, choices: readonly T[]): T | undefined {
  if (!at) return undefined;
  if (choices.includes(at.value as T)) return at.value as T;
  const hint = typeof at.value === 'string' ? didYouMean(at.value, choices) : '';
  return issue(at, `${cap(what)} must be ${listed(choices)}; found ${shown(at.value)}${hint || '.'}`);
}

/** An object taken as it is. */
export function object(at: At | undefined, what: string): JsonObject | undefined {
  if (!at) return undefined;
  if (isJsonObject(at.value)) return at.value;
  return issue(at, `${cap(what)} must be an object; found ${shown(at.value)}.`);
}

/** A name that must be one of those defined under `use`. */
export function reference<T>(at: At, what: string, defined: ReadonlyMap<string, T>): T | undefined {
  const name = string(at, what);
  if (name === undefined) return undefined;
  const found = defined.get(name);
  if (found !== undefined) return found;
  const names = [...defined.keys()];
  const known = names.length ? `defined are ${listed(names)}.` : 'none is defined.';
  const section = what.replace(/ies$/, 'y').replace(/s$/, '');
  return issue(
    at,
    `There is no ${section} named ${JSON.stringify(name)} under "use"${didYouMean(name, names) || `; ${known}`}`,
  );
}

/** Joins issues and where they are. */
export function createCheck(source: string, locate: (pointer: string) => { line: number; column: number } | undefined) {
  const found: DefinitionIssue[] = [];
  const lines = source.split('\n');
  const check: Check = {
    issue(pointer, message, inside) {
      if (found.length >= 100) return;
      const place = locate(pointer);
      const at = place && inside ? within(lines, place, inside) : place;
      found.push({ ...(at ?? {}), pointer, message });
    },
  };
  return { check, found };
}

/** The place of a spot inside a text value: found where the text's line stands verbatim at or below the value's key. */
function within(lines: readonly string[], start: { line: number; column: number }, { text, line, column }: TextPlace) {
  const wanted = text.split('\n')[line - 1]?.trim();
  if (!wanted) return start;
  const indent = text.split('\n')[line - 1]!.length - text.split('\n')[line - 1]!.trimStart().length;
  for (let i = start.line - 1; i < Math.min(lines.length, start.line + 200); i++) {
    const from = i === start.line - 1 ? start.column - 1 : 0;
    const at = lines[i]!.indexOf(wanted, from);
    if (at >= 0) return { line: i + 1, column: at + 1 + Math.max(0, column - 1 - indent) };
  }
  return start;
}
