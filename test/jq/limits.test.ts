import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, JqError, JqLimitError, JqSyntaxError, type Json, type Limits } from '../../src/jq/index.ts';

/** Other work shares the machine, so times are held to a few times what the deadline says. */
const PATIENCE_MS = 3000;

/** A tenth of the default budget, to keep the suite short; the cases end there as they would end at the default. */
const SMALL: Limits = { maxSteps: 1_000_000, maxBytes: 1 << 24 };

function outcome(program: string, input: Json = null, limits: Limits = SMALL): unknown {
  const start = performance.now();
  try {
    return compile(program).run(input, {}, limits);
  } catch (error) {
    return error;
  } finally {
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS + (limits.deadlineMs ?? 0));
  }
}

function nested(levels: number): Json {
  let value: Json = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

const DEEP = 100_000;

describe('a program that would never end', () => {
  it.each([
    '[range(1e9)]',
    '[repeat(1)]',
    'until(false; .)',
    'last(range(infinite))',
    'range(0; 1; 1e-300) | empty',
    'first(repeat(empty))',
    'reduce repeat(1) as $x (0; 1)',
    'foreach repeat(1) as $x (0; 1) | empty',
    'label $f | repeat(1) | select(false) | break $f',
    '[range(20)] | [.[] as $a | .[] as $b | .[] as $c | .[] as $d | .[] as $e | .[] as $f | 1] | length',
    '[range(20000)] - [range(20000)]',
    '[range(10)] as $x | [range(12) | $x] | [combinations] | length',
    'def f: f, f; [limit(1; f)]',
    'def f(g): f(g | g); f(.)',
    'reduce range(100) as $i ([1]; . + .) | length',
  ])('%s stops at a limit', (program) => {
    expect(outcome(program)).toBeInstanceOf(JqLimitError);
  });

  it('stops at the default limits too', () => {
    expect(outcome('[range(1e9)]', null, {})).toBeInstanceOf(JqLimitError);
    expect(outcome('until(false; .)', null, {})).toMatchObject({ limit: expect.stringMatching(/steps|deadline/) });
  });

  it('stops at the step budget it is given', () => {
    const error = outcome('[range(1000)] | length', null, { maxSteps: 500 });
    expect(error).toMatchObject({ name: 'JqLimitError', limit: 'steps' });
    expect(outcome('[range(1000)] | length', null, { maxSteps: 5000 })).toEqual([1000]);
  });

  it('stops at the deadline it is given', () => {
    const start = performance.now();
    const error = outcome('last(range(infinite))', null, { maxSteps: Infinity, deadlineMs: 50 });
    expect(error).toMatchObject({ limit: 'deadline' });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('stops at the number of outputs it is given', () => {
    expect(outcome('range(10)', null, { maxOutputs: 5 })).toMatchObject({ limit: 'outputs' });
    expect(outcome('range(5)', null, { maxOutputs: 5 })).toEqual([0, 1, 2, 3, 4]);
  });

  it('cannot be caught by the program', () => {
    expect(outcome('try last(range(infinite)) catch "caught"')).toBeInstanceOf(JqLimitError);
    expect(outcome('[repeat(1)]? // "caught"')).toBeInstanceOf(JqLimitError);
    expect(outcome('. as [$a] ?// $a | last(range(infinite))')).toBeInstanceOf(JqLimitError);
  });

  it('does not run on after the first output was asked for', () => {
    expect(compile('1, error("never"), repeat(1)').first(null)).toBe(1);
    expect(compile('empty').first(null)).toBeUndefined();
  });
});

describe('a program that would take all memory', () => {
  it.each([
    ['"x" * 1e9'],
    ['"x" * 1e300'],
    ['reduce range(100) as $i ("x"; . + .)'],
    ['[range(100) | "x" * 1000000]'],
    ['.[536870910] = 1'],
    ['[range(2000)] | [combinations(2)?] , ([range(1e9)])'],
    ['[limit(1e7; repeat("abc"))] | add'],
    ['"\\("x" * 60000000)\\("y" * 60000000)"'],
    ['[range(100)] | join("x" * 10000000)'],
    ['"xxxxxxxxxx" * 6000000 | @json | @json | @json | @uri | @base64'],
  ])('%s stops at a limit', (program) => {
    expect(outcome(program)).toBeInstanceOf(JqLimitError);
  });

  it('stops at the number of bytes it is given', () => {
    expect(outcome('"x" * 5000', null, { maxBytes: 4000 })).toMatchObject({ limit: 'bytes' });
    expect(outcome('"x" * 3000 | length', null, { maxBytes: 4000 })).toEqual([3000]);
  });
});

describe('deep nesting', () => {
  it.each([
    ['arrays', '['.repeat(DEEP) + ']'.repeat(DEEP)],
    ['open brackets', '['.repeat(DEEP)],
    ['parentheses', `${'('.repeat(DEEP)}1${')'.repeat(DEEP)}`],
    ['objects', `${'{a:'.repeat(DEEP)}1${'}'.repeat(DEEP)}`],
    ['minus signs', `${'-'.repeat(DEEP)}1`],
    ['fields', '.a'.repeat(DEEP)],
    ['indexes', `.${'[0]'.repeat(DEEP)}`],
    ['question marks', `.${'?'.repeat(DEEP)}`],
    ['pipes', `1${'|1'.repeat(DEEP)}`],
    ['commas', `1${',1'.repeat(DEEP)}`],
    ['sums', `1${'+1'.repeat(DEEP)}`],
    ['alternatives', `1${'//1'.repeat(DEEP)}`],
    ['patterns', `. as ${'['.repeat(DEEP)}$x${']'.repeat(DEEP)} | 1`],
    ['strings', `${'"\\('.repeat(DEEP)}1${')"'.repeat(DEEP)}`],
    ['conditions', 'if 1 then '.repeat(DEEP)],
    ['else-ifs', `if 1 then 1 ${'elif 1 then 1 '.repeat(DEEP)} end`],
    ['tries', `${'try '.repeat(DEEP)}1`],
    ['reductions', 'reduce . as $x (0;'.repeat(DEEP)],
    ['definitions', 'def f: '.repeat(DEEP)],
    ['definitions in a row', `${'def f: 1; '.repeat(DEEP)}f`],
    ['bindings', `${'1 as $x | '.repeat(DEEP)}1`],
    ['calls', `${'map('.repeat(DEEP)}.${')'.repeat(DEEP)}`],
  ])('of %s in a program is refused', (_name, program) => {
    const error = outcome(program);
    expect(error instanceof JqSyntaxError || error instanceof JqLimitError).toBe(true);
  });

  it.each(['fromjson'])('of JSON text is refused', (program) => {
    expect(outcome(program, '['.repeat(DEEP) + ']'.repeat(DEEP))).toMatchObject({ limit: 'depth' });
    expect(outcome(program, '{"a":'.repeat(DEEP) + '1'.padEnd(DEEP, '}'))).toMatchObject({ limit: 'depth' });
  });

  it.each([
    'tojson',
    '[..]',
    '[paths]',
    'flatten',
    'walk(.)',
    '[tostream]',
    '[., .] | sort',
    '[., [.]] | unique',
    '. * {}',
  ])('of the input ends %s without a crash', (program) => {
    const error = outcome(program, nested(DEEP));
    expect(error instanceof JqLimitError || error instanceof JqError).toBe(true);
  });

  it.each([
    'def f: f; f',
    'def f: [f]; f',
    'def f: 1 + f; f',
    'def f: ., f; f',
    'def f: def g: f; g; f',
  ])('of calls ends %s without a crash', (program) => expect(outcome(program)).toBeInstanceOf(JqLimitError));

  it('of functions that call themselves does not take exponential time to compile', () => {
    const levels = 40;
    const open = Array.from({ length: levels }, (_, i) => `def f${i}: `).join('');
    const close = Array.from({ length: levels }, (_, i) => `(f${levels - 1 - i}, 1); f${levels - 1 - i}`).join(' ');
    const error = outcome(`${open}1, ${close}`);
    expect(error === undefined || error instanceof JqLimitError || error instanceof JqSyntaxError).toBe(true);
  });
});

describe('a regular expression', () => {
  const a = (count: number) => 'a'.repeat(count);

  it.each([
    ['(a+)+$', `${a(60)}b`],
    ['(a|a)*$', `${a(60)}b`],
    ['(a|aa)+$', `${a(60)}b`],
    ['(.*)*x', a(2000)],
    ['(.*.*)*x', a(2000)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', a(60)],
    ['(?<=(a*)*b)x', a(3000)],
    ['(?=(a+)+$)b', `${a(60)}b`],
    ['(a*)*b', a(50_000)],
    ['(a?){60}a{60}b', a(60)],
    ['(a*?)*?b', a(5000)],
    ['(\\w+\\s?)+$', `${'word '.repeat(50)}!`],
    ['(?:(a)|b|\\1)*c', 'ab'.repeat(5000)],
    ['(x+x+)+y', 'x'.repeat(60)],
  ])('%s ends, whatever it is matched with', (pattern, text) => {
    const result = outcome('test($pattern)'.replace('$pattern', JSON.stringify(pattern)), text);
    expect(Array.isArray(result) || result instanceof JqLimitError).toBe(true);
  });

  it('that explodes is stopped', () => {
    expect(outcome('test("^(a+)+$")', `${a(60)}b`)).toBeInstanceOf(JqLimitError);
  });

  it.each([
    ['(((a{100}){100}){100}){100}'],
    ['a{99999}{99999}'],
    ['(ab){100000}{100000}'],
    ['('.repeat(DEEP)],
    ['(?:'.repeat(DEEP)],
    ['['.repeat(DEEP)],
    [`${'(a|'.repeat(DEEP)}b${')'.repeat(DEEP)}`],
    ['a*'.repeat(DEEP)],
    ['\\'],
  ])('as large as %.40s is an error or an answer', (pattern) => {
    const result = outcome('.[0] as $p | .[1] | test($p)', [pattern, a(100)]);
    expect(Array.isArray(result) || result instanceof JqError || result instanceof JqLimitError).toBe(true);
  });

  it('walks long texts in linear time', () => {
    expect(outcome('[match("a"; "g")] | length', a(20_000))).toEqual([20_000]);
    expect(outcome('gsub("a"; "b") | length', a(20_000))).toEqual([20_000]);
    expect(outcome('test("^.*z$")', a(300_000), {})).toEqual([false]);
    expect(outcome('[splits(",")] | length', 'ab,'.repeat(20_000))).toEqual([20_001]);
  });
});

describe('inputs', () => {
  function freeze(value: Json): Json {
    if (value !== null && typeof value === 'object') for (const child of Object.values(value)) freeze(child);
    return Object.freeze(value) as Json;
  }

  it.each([
    '.a = 1',
    '.a.b |= 5',
    '.l[0] += 1',
    '.l |= sort',
    'del(.a)',
    'del(.l[0])',
    '.l += [4]',
    'reduce .l[] as $x (.; .n += $x)',
    'reduce .l[] as $x (.l; . + [$x])',
    '.l | sort | reverse',
    'with_entries(.value |= tojson)',
    'walk(.)',
    '.l[1:] = []',
    'to_entries',
    'reduce .l[] as $x (.a; .[$x | tostring] = $x)',
    '[.l, .l] | add',
    '[.a, {c: 1}] | add',
    'map_values(.)',
    '.. |= .',
  ])('are never changed: %s', (program) => {
    const input = freeze({ a: { b: 1 }, l: [3, 1, 2], n: 0 });
    const before = JSON.stringify(input);
    compile(program).run(input);
    compile(`$v | ${program}`, ['v']).run(null, { v: input });
    expect(JSON.stringify(input)).toBe(before);
  });

  it('may have keys that mean something to JavaScript', () => {
    const input = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "toString": 3}') as Json;
    const run = (program: string, value: Json = input) => JSON.stringify(compile(program).run(value));
    expect(run('.__proto__.polluted, .constructor, .toString, .hasOwnProperty')).toBe('[1,2,3,null]');
    expect(run('keys')).toBe('[["__proto__","constructor","toString"]]');
    expect(run('{__proto__: 5, constructor: 6}')).toBe('[{"__proto__":5,"constructor":6}]');
    expect(run('.__proto__.x = 1 | .__proto__')).toBe('[{"polluted":1,"x":1}]');
    expect(run('. * {"__proto__": {"y": 2}} | .__proto__')).toBe('[{"polluted":1,"y":2}]');
    expect(run('to_entries | from_entries | length')).toBe('[3]');
    expect(run('fromjson | .__proto__', '{"__proto__": [1]}')).toBe('[[1]]');
    expect(run('setpath(["__proto__", "z"]; 1) | delpaths([["constructor"]]) | keys', {})).toBe('[["__proto__"]]');
    expect(run('with_entries(.) | map_values(1)')).toBe('[{"__proto__":1,"constructor":1,"toString":1}]');
    expect(run('[.__proto__, .constructor, .valueOf] | map(. == null)', {})).toBe('[[true,true,true]]');
    expect(run('reduce ("__proto__", "constructor") as $k ({}; .[$k] += 1)')).toBe('[{"__proto__":1,"constructor":1}]');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('that are missing variables are null, and unknown ones refused when compiling', () => {
    expect(compile('[$a, $b]', ['a', 'b']).run(null, { a: 1 })).toEqual([[1, null]]);
    expect(() => compile('$toString')).toThrow(JqSyntaxError);
    expect(compile('[$toString]', ['toString']).run(null, {})).toEqual([[null]]);
  });

  it('reach nothing outside: the environment is empty and the clock is the one handed in', () => {
    expect(compile('[$ENV, env]').run(null)).toEqual([[{}, {}]]);
    expect(compile('now').run(null, {}, { now: () => 1500 })).toEqual([1.5]);
  });
});

describe('whatever text it is given', () => {
  const WORDS = [
    '.',
    '..',
    '|',
    ',',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ';',
    '?',
    '//',
    '?//',
    '=',
    '|=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '"',
    '\\(',
    '$x',
    '$__loc__',
    'as',
    'def',
    'f',
    'f(g):',
    'if',
    'then',
    'else',
    'elif',
    'end',
    'reduce',
    'foreach',
    'try',
    'catch',
    'label',
    'break',
    'and',
    'or',
    'not',
    '.a',
    '@base64',
    '@json',
    '1',
    '1e999',
    '"a"',
    'map',
    'select',
    'range',
    'repeat',
    'until',
    'limit',
    'test',
    'path',
    'del',
    'error',
    'input',
    'recurse',
    'tojson',
    'fromjson',
    'sort_by',
    'walk',
    'getpath',
    '#',
    'implode',
    'splits',
    'gsub',
    'strptime',
    'mktime',
    'ltrimstr',
    'nan',
    'infinite',
  ];
  const limits: Limits = { maxSteps: 20_000, deadlineMs: 200, maxBytes: 1 << 20 };

  function survives(program: string, input: Json): void {
    const result = outcome(program, input, limits);
    const known = result instanceof JqError || result instanceof JqSyntaxError || result instanceof JqLimitError;
    expect(Array.isArray(result) || known, `${program}: ${inspect(result)}`).toBe(true);
  }

  it('random characters give an answer or one of the three errors', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => survives(text, null)),
      { numRuns: 3000, interruptAfterTimeLimit: 2000 },
    );
  });

  it('random words give an answer or one of the three errors', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }), fc.jsonValue(), (words, input) =>
        survives(words.join(' '), input as Json),
      ),
      { numRuns: 4000, interruptAfterTimeLimit: 3000 },
    );
  });

  it('random patterns give an answer or one of the three errors', () => {
    const parts = [
      'a',
      'b',
      '.',
      '*',
      '+',
      '?',
      '(',
      ')',
      '[',
      ']',
      '{2}',
      '{1,3}',
      '|',
      '\\',
      '^',
      '$',
      '(?:',
      '(?=',
      '(?!',
      '(?<=',
      '(?<n>',
      '(?>',
      '\\1',
      '\\k<n>',
      '[^',
      '\\b',
      '\\p{L}',
      '[:alpha:]',
      '-',
      '\\K',
      '(?i)',
      '\\R',
      '\\X',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 14 }),
        fc.constantFrom('', 'aab', 'ab'.repeat(30), 'é😀\n'),
        (pattern, text) => survives(`[match(${JSON.stringify(pattern.join(''))}; "g")]`, text),
      ),
      { numRuns: 4000, interruptAfterTimeLimit: 3000 },
    );
  });
});
