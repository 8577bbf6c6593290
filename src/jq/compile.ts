import type { Ast } from './ast.ts';
import { compileIndex, compileIterate, compileSlice, IDENTITY, RECURSE } from './compile/access.ts';
import { compileBind, compileVariable } from './compile/binding.ts';
import { compileArray, compileFormat, compileObject, compileString, literal } from './compile/construct.ts';
import type { Context } from './compile/context.ts';
import { compileBreak, compileIf, compileLabel, compileTry } from './compile/control.ts';
import { compileCall, compileDefine } from './compile/functions.ts';
import { compileForeach, compileReduce } from './compile/loops.ts';
import {
  compileAlternative,
  compileBinary,
  compileComma,
  compileLogic,
  compileNegate,
  compilePipe,
} from './compile/operators.ts';
import { compileUpdate } from './compile/update.ts';
import type { Filter } from './filter.ts';
import { tick } from './limits.ts';

/** Turns a node of the tree into closures. */
export function compileNode(node: Ast, context: Context): Filter {
  tick();
  switch (node.type) {
    case 'identity':
      return IDENTITY;
    case 'recurse':
      return RECURSE;
    case 'literal':
      return literal(node.value);
    case 'format':
      return compileFormat(node);
    case 'string':
      return compileString(node, context);
    case 'index':
      return compileIndex(node, context);
    case 'slice':
      return compileSlice(node, context);
    case 'iterate':
      return compileIterate(node, context);
    case 'array':
      return compileArray(node, context);
    case 'object':
      return compileObject(node, context);
    case 'negate':
      return compileNegate(node, context);
    case 'pipe':
      return compilePipe(node, context);
    case 'comma':
      return compileComma(node, context);
    case 'binary':
      return compileBinary(node, context);
    case 'and':
    case 'or':
      return compileLogic(node, context);
    case 'alternative':
      return compileAlternative(node, context);
    case 'update':
      return compileUpdate(node, context);
    case 'if':
      return compileIf(node, context);
    case 'try':
      return compileTry(node, context);
    case 'reduce':
      return compileReduce(node, context);
    case 'foreach':
      return compileForeach(node, context);
    case 'bind':
      return compileBind(node, context);
    case 'variable':
      return compileVariable(node, context);
    case 'define':
      return compileDefine(node, context);
    case 'label':
      return compileLabel(node, context);
    case 'break':
      return compileBreak(node, context);
    case 'call':
      return compileCall(node, context);
  }
}
