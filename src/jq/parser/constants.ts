import type { Ast } from '../ast.ts';

type Type = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/**
 * The type of what jq folds to a constant when it compiles, or null for everything else. Only the type is worked out:
 * folding `"a" * 1e9` would cost what running it costs.
 */
export function constantType(node: Ast): Type | null {
  switch (node.type) {
    case 'literal':
      return typeOf(node.value);
    case 'array':
      return node.body === null || isConstantList(node.body) ? 'array' : null;
    case 'object':
      return node.entries.every(({ key, value }) => isConstant(key) && isConstant(value)) ? 'object' : null;
    case 'binary':
      return binaryType(node);
    default:
      return null;
  }
}

const isConstant = (node: Ast): boolean => constantType(node) !== null;

function isConstantList(node: Ast): boolean {
  if (node.type === 'comma') return isConstantList(node.left) && isConstantList(node.right);
  return isConstant(node);
}

function typeOf(value: unknown): Type {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as Type);
}

/** What fails is left to fail when it runs. */
function binaryType({ operator, left, right }: Extract<Ast, { type: 'binary' }>): Type | null {
  const a = constantType(left);
  const b = constantType(right);
  if (a === null || b === null) return null;
  const same = a === b ? a : null;
  switch (operator) {
    case '+':
      if (a === 'null') return b;
      if (b === 'null') return a;
      return same === 'boolean' ? null : same;
    case '-':
      return same === 'number' || same === 'array' ? same : null;
    case '*':
      return same === 'number' || same === 'object' ? same : null;
    case '/':
      if (same === 'string') return 'array';
      return same === 'number' && isSafeDivisor(right) ? 'number' : null;
    case '%':
      return same === 'number' && isSafeDivisor(right) ? 'number' : null;
    default:
      return 'boolean';
  }
}

const isSafeDivisor = (node: Ast): boolean => node.type === 'literal' && Math.abs(Number(node.value)) >= 1;
