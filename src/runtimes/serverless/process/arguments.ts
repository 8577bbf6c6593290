import { isJsonObject, type Json } from '../../../model/json.ts';
import { shown } from '../../../schema/index.ts';
import { type At, items, string } from '../check.ts';
import { raise } from '../errors.ts';
import { wholeExpression } from '../interpolate.ts';
import type { Frame, Shape } from '../model.ts';
import type { Site } from '../site.ts';
import { asText } from '../template.ts';

/** `arguments`: a list, as DSL 1.0.3 has it, or a map of names, as its earlier texts have it; or an expression. */
export function compileArguments(at: At | undefined, site: Site): Shape | undefined {
  if (!at) return undefined;
  if (Array.isArray(at.value)) for (const item of items(at, 'arguments')) string(item, 'An argument');
  else if (!isJsonObject(at.value) && !isExpression(at.value)) {
    at.check.issue(at.pointer, `arguments must be a list of texts; found ${shown(at.value)}.`);
  }
  return site.template(at);
}

const isExpression = (value: Json): boolean => typeof value === 'string' && wholeExpression(value) !== undefined;

/** Arguments as a command gets them: a list item by item, a map as `name=value`. */
export function commandArguments(shape: Shape | undefined, frame: Frame): string[] {
  const value = shape?.(frame, frame.input) ?? [];
  if (Array.isArray(value)) return value.map(asText);
  if (isJsonObject(value)) return Object.entries(value).map(([name, item]) => `${name}=${asText(item)}`);
  throw raise('expression', `arguments must give a list; they gave ${shown(value)}.`);
}

/** `environment`: a map of names; values become text. */
export function compileMap(at: At | undefined, what: string, site: Site): (frame: Frame) => Record<string, string> {
  if (!at) return () => ({});
  if (!isJsonObject(at.value))
    at.check.issue(at.pointer, `${what} must be an object of names and values; found ${shown(at.value)}.`);
  const shape = site.template(at);
  return (frame) => {
    const values = shape(frame, frame.input);
    const entries = isJsonObject(values) ? Object.entries(values) : [];
    return Object.fromEntries(entries.map(([name, value]) => [name, asText(value)]));
  };
}

/** `stdin`: text as it is, other data as JSON. */
export function compileStdin(at: At | undefined, site: Site): (frame: Frame) => string | undefined {
  string(at, 'stdin');
  const shape = at && site.template(at);
  return (frame) => {
    const value: Json | undefined = shape?.(frame, frame.input);
    return value === undefined ? undefined : asText(value);
  };
}

/** Adds what is common to every process. */
export const common = (frame: Frame, environment: Record<string, string>, stdin: string | undefined) => ({
  label: `${frame.context.job.uuid}${frame.key}`,
  environment,
  ...(stdin === undefined ? {} : { stdin }),
});
