import type { Ast, FunctionDefinition } from '../ast.ts';
import type { Context, FunctionCode } from '../compile/context.ts';
import { callFunction, compileDefinition } from '../compile/functions.ts';
import { type Filter, single } from '../filter.ts';
import { parse } from '../parser.ts';
import { PRELUDE } from '../prelude.ts';
import type { Json } from '../value.ts';
import { arrays } from './arrays.ts';
import { choices } from './choices.ts';
import { dates } from './dates.ts';
import type { Builtins } from './define.ts';
import { formats } from './formats.ts';
import { loops } from './loops.ts';
import { math } from './math.ts';
import { outputs } from './outputs.ts';
import { pathFilters } from './path-filters.ts';
import { ranges } from './ranges.ts';
import { regex } from './regex.ts';
import { strings } from './strings.ts';
import { sums } from './sums.ts';
import { values } from './values.ts';

const NATIVE: Builtins = {
  ...values,
  ...math,
  ...strings,
  ...arrays,
  ...formats,
  ...dates,
  ...regex,
  ...outputs,
  ...choices,
  ...loops,
  ...ranges,
  ...pathFilters,
  ...sums,
};

/** The definitions of the prelude under `name/arguments`; parsed when the first program asks for one. */
let definitions: Map<string, FunctionDefinition> | null = null;
const compiled = new Map<string, FunctionCode>();

function prelude(): Map<string, FunctionDefinition> {
  if (definitions !== null) return definitions;
  definitions = new Map();
  for (let node: Ast = parse(PRELUDE); node.type === 'define'; node = node.body) {
    const { definition } = node;
    definitions.set(`${definition.name}/${definition.parameters.length}`, definition);
  }
  return definitions;
}

/** Every built-in as `name/arguments`, without our internal ones. */
function names(): Json[] {
  return [...Object.keys(NATIVE), ...prelude().keys(), 'builtins/0'].filter((name) => !name.startsWith('_'));
}

/** Finds a built-in and makes the filter for this call of it; null when there is none. */
export function findBuiltin(name: string, args: readonly Ast[], context: Context): Filter | null {
  const key = `${name}/${args.length}`;
  const compile = (node: Ast) => context.compile(node, context);
  if (Object.hasOwn(NATIVE, key)) return NATIVE[key]?.(args.map(compile), args, context) ?? null;
  if (key === 'builtins/0') return single(names);
  const definition = prelude().get(key);
  if (definition === undefined) return null;
  return callFunction(codeOf(key, definition, context), args.map(compile), context.depth);
}

function codeOf(key: string, definition: FunctionDefinition, context: Context): FunctionCode {
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const code = compileDefinition(definition, { ...context, scope: null, depth: 0 }).code;
  compiled.set(key, code);
  return code;
}
