import { stringify } from '../../jq/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { type At, child } from './check.ts';
import { compileExpression } from './expressions.ts';
import { splitTemplate, wholeExpression } from './interpolate.ts';
import type { Frame, Shape } from './model.ts';

export interface TemplateOptions {
  variables: readonly string[];
  /** `evaluate.mode: loose`: every string is tried as an expression, and stays text when that fails. */
  loose: boolean;
  /** Called when an expression reads `$secrets`. */
  onSecrets(): void;
}

/** A compiled template: a value that never changes, or a way to make one. */
type Compiled = { constant: Json } | { shape: Shape };

/**
 * Compiles a value of the definition in which strings of the form `${ … }` are expressions. A string with text around
 * an expression is put together as text. What an expression gives is data: it is never looked at for further ones.
 */
export function compileTemplate(at: At, options: TemplateOptions): Shape {
  const compiled = compileValue(at, options);
  return 'shape' in compiled ? compiled.shape : () => compiled.constant;
}

function compileValue(at: At, options: TemplateOptions): Compiled {
  const { value } = at;
  if (typeof value === 'string') return compileText(at, value, options);
  if (Array.isArray(value)) {
    const parts = value.map((item, i) => compileValue(child(at, i, item), options));
    if (parts.every((part) => 'constant' in part)) return { constant: value };
    return { shape: (frame, data) => parts.map((part) => make(part, frame, data)) };
  }
  if (!isJsonObject(value)) return { constant: value };
  const parts = Object.entries(value).map(([key, item]) => [key, compileValue(child(at, key, item), options)] as const);
  if (parts.every(([, part]) => 'constant' in part)) return { constant: value };
  return {
    shape: (frame, data) => {
      const made: JsonObject = {};
      for (const [key, part] of parts) put(made, key, make(part, frame, data));
      return made;
    },
  };
}

const make = (part: Compiled, frame: Frame, data: Json): Json =>
  'shape' in part ? part.shape(frame, data) : part.constant;

/** Sets a member; `__proto__` is plain data like any other name. */
function put(object: JsonObject, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function compileText(at: At, text: string, options: TemplateOptions): Compiled {
  const whole = wholeExpression(text);
  if (whole !== undefined) return { shape: expression(at, whole, options) };
  if (text.includes('${')) return interpolated(at, text, options);
  return options.loose ? looseText(at, text, options) : { constant: text };
}

function expression(at: At, jq: string, options: TemplateOptions): Shape {
  const { value, usesSecrets } = compileExpression(at, jq, options.variables);
  if (usesSecrets) options.onSecrets();
  return value;
}

function interpolated(at: At, text: string, options: TemplateOptions): Compiled {
  const parts = splitTemplate(text).map((piece) =>
    'literal' in piece ? piece.literal : expression(at, piece.jq, options),
  );
  if (parts.every((part) => typeof part === 'string')) return { constant: text };
  return {
    shape: (frame, data) => parts.map((part) => (typeof part === 'string' ? part : asText(part(frame, data)))).join(''),
  };
}

/** A value within a text: strings as they are, nothing for null, everything else as JSON. */
export const asText = (value: Json): string =>
  typeof value === 'string' ? value : value === null ? '' : stringify(value);

function looseText(at: At, text: string, options: TemplateOptions): Compiled {
  let failed = false;
  const silent: At = {
    ...at,
    check: {
      issue() {
        failed = true;
      },
    },
  };
  const shape = expression(silent, text, options);
  if (failed) return { constant: text };
  return {
    shape: (frame, data) => {
      try {
        return shape(frame, data);
      } catch {
        return text;
      }
    },
  };
}
