import { isJsonObject } from '../../model/json.ts';
import { shown } from '../../schema/index.ts';
import { type At, fields, reference, string } from './check.ts';
import { durationMs, durationProblem } from './durations.ts';
import { raise } from './errors.ts';
import { compileExpression } from './expressions.ts';
import { wholeExpression } from './interpolate.ts';
import type { Condition, DurationOf, RunList, RunTask, Shape } from './model.ts';
import type { Site, Used } from './site.ts';
import { compileList } from './tasks.ts';
import { compileTemplate, type TemplateOptions } from './template.ts';

export interface SiteOptions {
  use: Used;
  document: { namespace: string; name: string };
  loose: boolean;
  onSecrets(): void;
  runList: RunList;
  runTask: RunTask;
}

/** Makes the compiler's hands for one definition; `variables` are the `for` and `catch` variables in sight. */
export function createSite(options: SiteOptions, variables: readonly string[] = []): Site {
  const { use, document, runList, runTask } = options;
  const templates: TemplateOptions = { variables, loose: options.loose, onSecrets: options.onSecrets };
  const template = (at: At): Shape => compileTemplate(at, templates);
  const jqOf = (at: At, text: string) => {
    const compiled = compileExpression(at, wholeExpression(text) ?? text, variables);
    if (compiled.usesSecrets) options.onSecrets();
    return compiled;
  };
  const expression = (at: At, what: string): Shape => {
    if (typeof at.value === 'string') return jqOf(at, at.value).value;
    if (!isJsonObject(at.value)) {
      at.check.issue(at.pointer, `${what} must be an expression or an object; found ${shown(at.value)}.`);
    }
    return template(at);
  };
  const condition = (at: At, what: string): Condition => {
    const text = string(at, what);
    return text === undefined ? () => false : jqOf(at, text).holds;
  };
  const duration = (at: At, what: string): DurationOf => compileDuration(at, what, template);
  const site: Site = {
    variables,
    use,
    document,
    template,
    expression,
    condition,
    duration,
    timeout(at) {
      const place = typeof at.value === 'string' ? reference(at, 'timeouts', use.timeouts) : at;
      const after = place && fields(place, { what: 'timeout', known: ['after'], required: ['after'] })?.get('after');
      return after ? duration(after, 'timeout.after') : () => 0;
    },
    list: (at, what) => compileList(at, what, site),
    within: (more) => createSite(options, [...new Set([...variables, ...more])]),
    runList,
    runTask,
  };
  return site;
}

function compileDuration(at: At, what: string, template: (at: At) => Shape): DurationOf {
  const isExpression = typeof at.value === 'string' && wholeExpression(at.value) !== undefined;
  const problem = isExpression ? undefined : durationProblem(at.value);
  if (problem !== undefined) at.check.issue(at.pointer, `${what} is not a duration: ${problem}.`);
  else if (!isExpression && durationMs(at.value, 0) === undefined) {
    at.check.issue(at.pointer, `${what} must be between nothing and a hundred years.`);
  }
  const shape: Shape = isExpression ? template(at) : () => at.value;
  return (frame, data) => {
    const value = shape(frame, data);
    const ms = durationMs(value, frame.context.now());
    if (ms !== undefined) return ms;
    const reason = durationProblem(value) ?? 'it must be between nothing and a hundred years';
    throw raise('expression', `${what} did not give a duration: ${reason}.`);
  };
}
