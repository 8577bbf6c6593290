import { isJsonObject, type Json } from '../../../model/json.ts';
import { shown } from '../../../schema/index.ts';
import { type At, fields, oneOf, string } from '../check.ts';
import { raise } from '../errors.ts';
import type { Body, Frame } from '../model.ts';
import { compileResource } from '../resource.ts';
import type { Site } from '../site.ts';
import { common, compileArguments, compileMap, compileStdin } from './arguments.ts';
import { type RunOptions, runProcess } from './result.ts';

const languages = { javascript: 'javascript', js: 'javascript', python: 'python' } as const;

/**
 * `run: script` (DSL reference, "Script Process"). The code is text: nothing in it is an expression. A list of arguments
 * is seen as the language shows a program's arguments, a map of them as variables.
 */
export function compileScript(at: At, options: RunOptions, site: Site): Body {
  const known = ['language', 'code', 'source', 'stdin', 'arguments', 'environment'];
  const read = fields(at, { what: '"script"', known, required: ['language'] });
  const named = oneOf(read?.get('language'), 'script.language', Object.keys(languages) as (keyof typeof languages)[]);
  const language = languages[named ?? 'javascript'];
  const code = string(read?.get('code'), 'script.code');
  const place = read?.get('source');
  if (read && read.has('code') === read.has('source')) {
    at.check.issue(at.pointer, '"script" needs exactly one of "code" and "source".');
  }
  const source = place && compileResource(place, 'script.source', site);
  const given = compileArguments(read?.get('arguments'), site);
  const environment = compileMap(read?.get('environment'), 'script.environment', site);
  const stdin = compileStdin(read?.get('stdin'), site);
  return (frame) => {
    const values = given ? given(frame, frame.input) : null;
    const base = common(frame, environment(frame), stdin(frame));
    return runProcess(frame, options, async (signal) => {
      const text = source ? (await source.fetch(frame, signal)).text : code!;
      return { ...base, kind: 'script', language, ...withArguments(text, values, language), reuseKey: reuseKey(frame) };
    });
  };
}

/** Processes serve again only for the very version of the workflow they served before. */
const reuseKey = (frame: Frame): string => `${frame.context.job.workflow}@${frame.context.job.version}`;

function withArguments(code: string, values: Json, language: 'javascript' | 'python') {
  if (values === null) return { code, arguments: {} };
  if (isJsonObject(values)) return { code, arguments: values };
  if (!Array.isArray(values))
    throw raise('expression', `arguments must give a list or an object; they gave ${shown(values)}.`);
  const before = language === 'javascript' ? intoProcess : intoSys;
  return { code: before + code, arguments: { argv: values } };
}

/** On one line with the script's first, so that line numbers in its errors stay right. */
const intoProcess = "process.argv = [process.argv[0], 'script.js', ...argv]; ";
const intoSys = 'import sys; sys.argv[1:] = argv\n';
