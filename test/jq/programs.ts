import fc from 'fast-check';

/** Small JSON values with few distinct keys and numbers, so that generated programs often hit something. */
export const inputs = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'json' },
    fc.constantFrom(null, true, false, 0, 1, 2, -1, 3.5, 10, '', 'a', 'b', 'ab', 'a,b', 'xyz', '1', 'é', '😀z'),
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'json' }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'key', 'value'), tie('value'), {
      maxKeys: 3,
      depthIdentifier: 'json',
    }),
  ),
})).value;

const ATOMS = [
  '.', '..', '.a', '.b', '.a.b', '.[0]', '.[-1]', '.[]', '.[]?', '.a?', '.[1:]', '.[:2]', '.[0]?', '.["c"]?',
  'null', 'true', 'false', '0', '1', '2', '-1', '1.5', '"a"', '"b"', '"x\\(.)y"', '[]', '{}', 'empty',
  'length', 'keys', 'keys_unsorted', 'type', 'not', 'add', 'any', 'all', 'first', 'last', 'reverse', 'sort', 'unique',
  'min', 'max', 'flatten', 'tojson', 'tostring', 'tonumber', 'floor', 'abs', 'to_entries', 'values', 'scalars', 'arrays',
  'objects', 'numbers', 'strings', 'iterables', 'ascii_downcase', 'ascii_upcase', 'explode', 'trim', 'utf8bytelength',
  'transpose', 'tostream', 'paths', 'isempty(.[])', 'error', '@json', '@text', '@csv', '@base64', '@html', '@uri', '@sh',
  'input_line_number', '$__loc__', 'recurse', 'combinations', 'toboolean', 'ltrimstr("a")', 'rtrimstr("b")',
]; // biome-ignore format: a list of words

const BINARY = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', 'and', 'or', '//', '|', ','];
const UPDATES = ['=', '|=', '+=', '-=', '*=', '//='];
const UNARY = [
  'map', 'select', 'map_values', 'sort_by', 'group_by', 'unique_by', 'min_by', 'max_by', 'has', 'first',
  'last', 'add', 'any', 'all', 'isempty', 'paths', 'walk', 'with_entries', 'contains', 'inside', 'index', 'rindex',
  'indices', 'join', 'split', 'startswith', 'endswith', 'test', 'getpath', 'error', 'flatten', 'IN', 'INDEX', 'tojson|splits',
  'delpaths', 'nth', 'range', 'in', 'ltrimstr', 'trimstr', 'limit(2; .[]?)|first', 'to_entries|map', '[.]|map',
]; // biome-ignore format: a list of words

const PLACES = [
  '.',
  '.a',
  '.b',
  '.a.b',
  '.[0]',
  '.[]',
  '.[]?',
  '.a[1:]',
  '.[0:2]',
  '..',
  '.a?',
  'first',
  '.a,.b',
  'select(.)',
  '.[-1]',
];

/**
 * Programs of a few nested constructs. `?//` is left to the table: in jq it also catches the `break` of a label around it.
 */
export const programs: fc.Arbitrary<string> = fc.letrec<{ program: string }>((tie) => {
  const p = tie('program');
  const node = (...parts: (string | fc.Arbitrary<string>)[]) =>
    fc
      .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
      .map((texts) => texts.join(''));
  // Paths that lead somewhere: what jq makes of a path through a computed value depends on how it keeps the value.
  const place = fc.oneof(
    fc.constantFrom(...PLACES),
    node(fc.constantFrom(...PLACES), ' | select(', p, ')'),
    node('if ', p, ' then .a else .[0]? end'),
    node('.[', p, ']?'),
  );
  return {
    program: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'program' },
      { arbitrary: fc.constantFrom(...ATOMS), weight: 8 },
      { arbitrary: node('(', p, ' ', fc.constantFrom(...BINARY), ' ', p, ')'), weight: 6 },
      { arbitrary: node(p, ' | ', p), weight: 3 },
      { arbitrary: node(fc.constantFrom(...UNARY), '(', p, ')'), weight: 6 },
      { arbitrary: node('[', p, ']'), weight: 3 },
      { arbitrary: node('{a: ', p, ', b: ', p, '}'), weight: 1 },
      { arbitrary: node('{(', p, '): ', p, '}'), weight: 1 },
      { arbitrary: node('(', fc.constantFrom(...PLACES), ' ', fc.constantFrom(...UPDATES), ' ', p, ')'), weight: 4 },
      { arbitrary: node('if ', p, ' then ', p, ' else ', p, ' end'), weight: 2 },
      { arbitrary: node('(try ', 'error(', p, ') catch ', '.)'), weight: 1 },
      { arbitrary: node('[(', p, ')?]'), weight: 2 },
      { arbitrary: node('(', p, ' as $x | ', p, ' | [., $x])'), weight: 2 },
      { arbitrary: node('reduce (', p, ') as $x (first(', p, '); ', p, ')'), weight: 2 },
      { arbitrary: node('[foreach (', p, ') as $x (first(', p, '); ', p, '; [$x, .])]'), weight: 2 },
      { arbitrary: node('[limit(3; ', p, ')]'), weight: 1 },
      { arbitrary: node('[label $f | ', p, ' | ., break $f]'), weight: 1 },
      { arbitrary: node('(def f(g): g | [., g]; f(', p, '))'), weight: 1 },
      { arbitrary: node('(def f($v): [$v, v]; f(', p, '))'), weight: 1 },
      { arbitrary: node('"<\\(', p, ')-\\(', p, ')>"'), weight: 1 },
      { arbitrary: node('.[', p, ']'), weight: 2 },
      { arbitrary: node('.[', p, ':', p, ']'), weight: 1 },
      { arbitrary: node('(-(', p, '))'), weight: 1 },
      { arbitrary: node('[path(', place, ')?]'), weight: 2 },
      { arbitrary: node('[first(', p, ')]'), weight: 1 },
      { arbitrary: node(fc.constantFrom('del', 'pick', 'paths'), '(', place, ')'), weight: 2 },
    ),
  };
}).program;
