import { compile, JqError, JqLimitError, JqSyntaxError, type Limits, type Program } from '../../jq/index.ts';
import { isMillraceError } from '../../model/errors.ts';
import type { Json } from '../../model/json.ts';
import type { At } from './check.ts';
import { raise } from './errors.ts';
import type { Condition, Frame, Shape } from './model.ts';
import { argumentNames, argumentValue } from './scope.ts';

/** A jq program of the definition, ready to be applied. Data never gets here: only texts of the definition are compiled. */
export interface Expression {
  value: Shape;
  holds: Condition;
  usesSecrets: boolean;
}

/** Bounds of one evaluation; the clock is the journal's, so that a repeated run sees the same time. */
const limitsOf = (frame: Frame): Limits => ({ deadlineMs: 2000, maxDepth: 256, now: () => frame.context.now() });

/**
 * Compiles jq from the definition. Text that is not jq, or that names an unknown variable, is an issue with line and
 * column; the expression returned for it must not be run.
 */
export function compileExpression(at: At, text: string, variables: readonly string[]): Expression {
  const used = [...argumentNames, ...variables].filter((name) => text.includes(`$${name}`));
  const program = compileChecked(at, text, used, variables);
  const evaluate = <T>(frame: Frame, work: (values: Record<string, Json>, limits: Limits) => T): T => {
    const values: Record<string, Json> = {};
    for (const name of used) values[name] = argumentValue(name, frame);
    try {
      return work(values, limitsOf(frame));
    } catch (error) {
      throw evaluationError(error, text);
    }
  };
  return {
    value: (frame, data) =>
      evaluate(frame, (values, limits) => {
        const outputs = program!.run(data, values, limits);
        return outputs.length > 1 ? outputs : (outputs[0] ?? null);
      }),
    holds: (frame, data) => {
      const found = evaluate(frame, (values, limits) => program!.first(data, values, limits)) ?? null;
      return found !== null && found !== false;
    },
    usesSecrets: used.includes('secrets'),
  };
}

function compileChecked(at: At, text: string, used: string[], variables: readonly string[]): Program | undefined {
  try {
    return compile(text, used);
  } catch (error) {
    if (error instanceof JqSyntaxError) {
      const reason = error.message.replace(/ \(line \d+, column \d+\)$/, '');
      const message = `The expression ${quoted(text)} is not jq: ${reason}.${hint(text, reason, variables)}`;
      at.check.issue(at.pointer, message, { text, line: error.line, column: error.column });
    } else if (error instanceof JqLimitError) {
      at.check.issue(at.pointer, `The expression ${quoted(text)} cannot be compiled: ${error.message}.`);
    } else throw error;
    return undefined;
  }
}

function hint(text: string, reason: string, variables: readonly string[]): string {
  if (/\$\w+ is not defined/.test(reason)) {
    return ` Known here are ${[...argumentNames, ...variables].map((name) => `$${name}`).join(', ')}.`;
  }
  return text.includes('${') ? ' Expressions do not nest: what stands inside of one is jq alone.' : '';
}

function evaluationError(error: unknown, text: string): unknown {
  if (isMillraceError(error)) return error;
  if (error instanceof JqError) return raise('expression', `The expression ${quoted(text)} failed: ${error.message}.`);
  if (error instanceof JqLimitError) {
    return raise('expression', `The expression ${quoted(text)} was stopped: ${error.message}.`, {
      code: 'limit-exceeded',
    });
  }
  return error;
}

const quoted = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ');
  return `\`${line.length > 80 ? `${line.slice(0, 77)}…` : line}\``;
};
