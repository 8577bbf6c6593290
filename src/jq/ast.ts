import type { Json } from './value.ts';

/** Where a node began, for messages and `$__loc__`: 1-based. */
export interface Position {
  line: number;
  column: number;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '==' | '!=' | '<' | '<=' | '>' | '>=';
export type UpdateOperator = '=' | '|=' | '+=' | '-=' | '*=' | '/=' | '%=' | '//=';

/** One name in a pattern, `[a, b]`, or `{key: pattern}`; `bind` is the name that `{$name: pattern}` binds as well. */
export type Pattern =
  | { type: 'variable'; name: string }
  | { type: 'array'; items: Pattern[] }
  | { type: 'object'; entries: { key: Ast; bind?: string; value?: Pattern }[] };

export interface FunctionDefinition {
  name: string;
  /** Names without `$`; `value` marks a `$name` parameter. */
  parameters: { name: string; value: boolean }[];
  body: Ast;
}

export type Ast = Position &
  (
    | { type: 'identity' }
    | { type: 'recurse' }
    | { type: 'literal'; value: Json }
    | { type: 'string'; format: string | null; parts: (string | Ast)[] }
    | { type: 'format'; name: string }
    // `optional` is a `?` right after: it covers this step alone, not the target.
    | { type: 'index'; target: Ast; key: Ast; optional?: true }
    | { type: 'slice'; target: Ast; from: Ast | null; to: Ast | null; optional?: true }
    | { type: 'iterate'; target: Ast; optional?: true }
    | { type: 'array'; body: Ast | null }
    | { type: 'object'; entries: { key: Ast; value: Ast }[] }
    | { type: 'negate'; body: Ast }
    | { type: 'pipe'; left: Ast; right: Ast }
    | { type: 'comma'; left: Ast; right: Ast }
    | { type: 'binary'; operator: BinaryOperator; left: Ast; right: Ast }
    | { type: 'and' | 'or'; left: Ast; right: Ast }
    | { type: 'alternative'; left: Ast; right: Ast }
    | { type: 'update'; operator: UpdateOperator; left: Ast; right: Ast }
    | { type: 'if'; condition: Ast; yes: Ast; no: Ast | null }
    | { type: 'try'; body: Ast; handler: Ast | null }
    | { type: 'reduce'; source: Ast; patterns: Pattern[]; start: Ast; update: Ast }
    | { type: 'foreach'; source: Ast; patterns: Pattern[]; start: Ast; update: Ast; extract: Ast | null }
    | { type: 'bind'; source: Ast; patterns: Pattern[]; body: Ast }
    | { type: 'define'; definition: FunctionDefinition; body: Ast }
    | { type: 'label'; name: string; body: Ast }
    | { type: 'break'; name: string }
    | { type: 'variable'; name: string }
    | { type: 'call'; name: string; args: Ast[] }
  );
