import { type At, fields, string } from '../check.ts';
import { raise } from '../errors.ts';
import { splitTemplate, wholeExpression } from '../interpolate.ts';
import type { Body, Frame, Shape } from '../model.ts';
import type { Site } from '../site.ts';
import { asText } from '../template.ts';
import { commandArguments, common, compileArguments, compileMap, compileStdin } from './arguments.ts';
import { type RunOptions, runProcess } from './result.ts';

/** `run: shell` (DSL reference, "Shell Process"): arguments are `"$1"`, `"$2"` … of the command. */
export function compileShell(at: At, options: RunOptions, site: Site): Body {
  const known = ['command', 'stdin', 'arguments', 'environment'];
  const read = fields(at, { what: '"shell"', known, required: ['command'] });
  const place = read?.get('command');
  const command = place ? compileCommand(place, site) : () => ({ text: '', values: {} });
  const given = compileArguments(read?.get('arguments'), site);
  const environment = compileMap(read?.get('environment'), 'shell.environment', site);
  const stdin = compileStdin(read?.get('stdin'), site);
  return (frame) => {
    const { text, values } = command(frame);
    const base = common(frame, { ...environment(frame), ...values }, stdin(frame));
    const arguments_ = commandArguments(given, frame);
    return runProcess(frame, options, () => ({ ...base, kind: 'shell', command: text, arguments: arguments_ }));
  };
}

interface Command {
  text: string;
  values: Record<string, string>;
}

/** What a shell itself understands after `${`: a name or one of its special parameters. */
const shellParameter = /^[A-Za-z_0-9@*#?$!-]/;

/**
 * A command in which `${ … }` stands for data. The data never becomes part of the command's text: each expression is
 * handed over in an environment variable of which the command reads the value, so that nothing in it can be taken for
 * a command. `${HOME}` and the like are left to the shell.
 */
function compileCommand(at: At, site: Site): (frame: Frame) => Command {
  const command = string(at, 'shell.command') ?? '';
  const whole = wholeExpression(command);
  if (whole !== undefined && !shellParameter.test(whole)) return wholeCommand(site.template(at));
  const shapes: Shape[] = [];
  const text = splitTemplate(command)
    .map((piece) => {
      if ('literal' in piece) return piece.literal;
      if (shellParameter.test(piece.jq)) return `\${${piece.jq}}`;
      shapes.push(site.template({ ...at, value: `\${${piece.jq}}` }));
      return `\${MILLRACE_VALUE_${shapes.length}}`;
    })
    .join('');
  return (frame) => ({
    text,
    values: Object.fromEntries(
      shapes.map((shape, i) => [`MILLRACE_VALUE_${i + 1}`, asText(shape(frame, frame.input))]),
    ),
  });
}

/** The whole command is one expression: its author puts it together. */
const wholeCommand =
  (shape: Shape): ((frame: Frame) => Command) =>
  (frame) => {
    const text = shape(frame, frame.input);
    if (typeof text !== 'string') throw raise('expression', 'shell.command must give text.');
    return { text, values: {} };
  };
