import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseYaml, sourceLimits } from '../../src/yaml/index.ts';

const read = (text: string) => {
  const { value, issues } = parseYaml(text);
  expect(issues).toEqual([]);
  return value;
};

const issuesIn = (text: string) => parseYaml(text).issues;

/** Replaces the keys that js-yaml reads as null by its name for them; for `JSON.stringify`. */
const nullKeys = (_key: string, value: unknown): unknown => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key === '' || key === '~' ? 'null' : key, inner]),
  );
};

const hasNullTwice = (value: unknown): boolean => {
  if (value === null || typeof value !== 'object') return false;
  const nulls = Object.keys(value).filter((key) => key === '' || key === '~' || key === 'null');
  return nulls.length > 1 || Object.values(value).some(hasNullTwice);
};

describe('values', () => {
  test('scalars resolve as in the core schema of YAML 1.2', () => {
    const text = `
      none: [~, null, Null, NULL, ]
      flags: [true, True, TRUE, false, yes, no, on, off]
      whole: [0, -1, +7, 0o17, 0x1F, 1_000]
      broken: [1.5, .5, -2e3, "1", '2']
      dates: 2026-01-01
    `;
    expect(read(text)).toEqual({
      none: [null, null, null, null],
      flags: [true, true, true, false, 'yes', 'no', 'on', 'off'],
      whole: [0, -1, 7, 15, 31, '1_000'],
      broken: [1.5, 0.5, -2000, '1', '2'],
      dates: '2026-01-01',
    });
  });

  test('block scalars keep and fold their lines', () => {
    expect(read('a: |\n  one\n  two\nb: >-\n  one\n  two\nc: |+\n  x\n\n')).toEqual({
      a: 'one\ntwo\n',
      b: 'one two',
      c: 'x\n\n',
    });
  });

  test('a key is what the source says', () => {
    expect(Object.keys(read('1: a\nnull: b\n0x10: c\n"q\\t": d\ntrue: e') as object).sort()).toEqual(
      ['1', 'null', '0x10', 'q\t', 'true'].sort(),
    );
  });

  test('an empty value is null', () => {
    expect(read('a:\nb:\n  - \n  - 1')).toEqual({ a: null, b: [null, 1] });
  });

  test('core tags are obeyed', () => {
    expect(read('a: !!str 1\nb: !!int "7"\nc: !!float 1\nd: ! 5\ne: !!map {}\nf: !<tag:yaml.org,2002:str> no')).toEqual(
      {
        a: '1',
        b: 7,
        c: 1,
        d: '5',
        e: {},
        f: 'no',
      },
    );
  });

  test('an alias gives a copy of its own', () => {
    const value = read('a: &x {k: [1]}\nb: *x\nc: *x') as { b: { k: number[] }; c: { k: number[] } };
    value.b.k.push(2);
    expect(value.c.k).toEqual([1]);
  });

  test('keys that name members of Object.prototype are plain data', () => {
    const value = read('__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}') as Record<
      string,
      unknown
    >;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(value['toString']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  test('JSON in a YAML file means what it means in JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (json, indent) => {
        const { value, issues } = parseYaml(JSON.stringify(json, null, indent));
        expect(issues).toEqual([]);
        expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(JSON.stringify(json))));
      }),
      { numRuns: 300 },
    );
  });

  test('any text is read as js-yaml reads it, or refused; it never throws', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ',',
      '|',
      '>',
      '&x ',
      '*x',
      '!',
      '#',
      '?',
      '  ',
      '1',
      '~',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        (text) => {
          const { value, issues } = parseYaml(text);
          // To js-yaml the keys `~`, `null` and nothing are the same.
          if (issues.length > 0 || hasNullTwice(value)) return;
          // Where js-yaml's keys are resolved values, ours are the source; numbers as keys print the same here.
          expect(JSON.stringify(value, nullKeys)).toBe(JSON.stringify(load(text), nullKeys));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('places', () => {
  const text = [
    'document:', // 1
    "  'name': x", // 2
    'do:', // 3
    '  - getPet: # why', // 4
    '      call: http', // 5
    '      with: {method: get, "endpoint": [a, {uri: b}]}', // 6
    '  - run: |', // 7
    '      line: 1', // 8
    '      [', // 9
    '    after: &x', // 10
    '      - >-', // 11
    '        folded', // 12
    '      - !!str', // 13
    '        5', // 14
    '  - again: *x', // 15
    '  - |2', // 16
    '     text', // 17
    '? key/with~signs', // 18
    ': {}', // 19
  ].join('\n');

  test.each([
    ['', 1, 1],
    ['/document/name', 2, 3],
    ['/do', 3, 1],
    ['/do/0', 4, 5],
    ['/do/0/getPet', 4, 5],
    ['/do/0/getPet/call', 5, 7],
    ['/do/0/getPet/with/method', 6, 14],
    ['/do/0/getPet/with/endpoint', 6, 27],
    ['/do/0/getPet/with/endpoint/0', 6, 40],
    ['/do/0/getPet/with/endpoint/1', 6, 43],
    ['/do/0/getPet/with/endpoint/1/uri', 6, 44],
    ['/do/1/run', 7, 5],
    ['/do/1/after', 10, 5],
    ['/do/1/after/0', 11, 9],
    ['/do/1/after/1', 13, 9],
    ['/do/2/again', 15, 5],
    ['/do/2/again/0', 11, 9],
    ['/do/3', 16, 5],
    ['/key~1with~0signs', 18, 3],
  ])('%s stands in line %i, column %i', (pointer, line, column) => {
    expect(issuesIn(text)).toEqual([]);
    expect(parseYaml(text).locate(pointer)).toEqual({ line, column });
  });

  test('a pointer to what is missing gives the nearest thing above it', () => {
    expect(parseYaml(text).locate('/do/0/getPet/with/timeout/after')).toEqual({ line: 6, column: 7 });
    expect(parseYaml(text).locate('/do/9')).toEqual({ line: 3, column: 1 });
    expect(parseYaml(text).locate('/do/01')).toEqual({ line: 3, column: 1 });
    expect(parseYaml(text).locate('/nowhere')).toEqual({ line: 1, column: 1 });
  });

  test.each([
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('lines that end in %s count the same', (_name, end) => {
    const other = parseYaml(text.replaceAll('\n', end));
    expect(other.issues).toEqual([]);
    expect(other.locate('/do/0/getPet/call')).toEqual({ line: 5, column: 7 });
    expect(other.locate('/do/1/after/0')).toEqual({ line: 11, column: 9 });
  });

  test('a byte order mark takes no column', () => {
    expect(parseYaml('\uFEFFa: 1\nb: 2').locate('/a')).toEqual({ line: 1, column: 1 });
    expect(parseYaml('\uFEFFa: 1\nb: 2').locate('/b')).toEqual({ line: 2, column: 1 });
  });
});

describe('issues', () => {
  test.each([
    ['a duplicate key', 'a: 1\nb:\n  c: 1\n  c: 2', 4, 3, 'occurs twice'],
    ['a duplicate of a quoted key', 'a: 1\n"a": 2', 2, 1, 'occurs twice'],
    ['a merge key', 'a: &x {k: 1}\nb:\n  <<: *x', 3, 3, 'Merge keys'],
    ['an unknown tag on a scalar', 'a: !!js/function x', 1, 4, '!!js/function'],
    ['an unknown tag on a list', 'a: !mine [1]', 1, 4, '!mine'],
    ['a value that its tag does not fit', 'a: !!int x', 1, 4, 'not what its tag'],
    ['a number that JSON does not know', 'a: .inf', 1, 4, 'not a number in JSON'],
    ['an unknown alias', 'a: *u', 1, 4, '*u has no anchor'],
    ['an alias within its own anchor', 'a: &x [*x]', 1, 8, 'contains itself'],
    ['a list as a key', '? [1]\n: 2', 1, 3, 'A key must be'],
    ['an alias to a mapping as a key', '- &x {}\n- *x : 1', 2, 3, 'A key must be'],
    ['a second document', 'a: 1\n---\nb: 1', 1, 4, 'More than one document'],
    ['a tag directive', '%TAG !e! tag:e:\n---\na: 1', 1, 1, '%TAG'],
    ['a bad indent', 'a:\n  b: 1\n c: 2', 3, 2, ''],
    ['an open bracket', 'a: [1, 2\n', 2, 1, ''],
    ['a tab as indent', 'a:\n\tb: 1', 2, 1, ''],
    ['nothing at all', '# nothing', 1, 1, 'empty'],
  ])('%s is refused with its place', (_name, text, line, column, message) => {
    const issues = issuesIn(text);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ line, column });
    expect(issues[0]!.message).toContain(message);
  });

  test('all of them come at once', () => {
    expect(issuesIn('a: 1\na: 2\nb: !x 1\nb: 2\n<<: {}').map((issue) => issue.line)).toEqual([2, 3, 4, 5]);
  });

  test('64 levels are read, 65 are not', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(issuesIn(nested(64))).toEqual([]);
    expect(issuesIn(nested(65))[0]).toMatchObject({ line: 1, column: 65 });
    expect(issuesIn(nested(65))[0]!.message).toContain('64 levels');
    expect(issuesIn(`a: &x ${nested(33)}\nb: ${'['.repeat(32)}*x${']'.repeat(32)}`)[0]!.message).toContain('64 levels');
  });
});

describe('bombs', () => {
  const laughs = (levels: number, width: number) =>
    Array.from({ length: levels }, (_, level) => {
      const item = level === 0 ? 'lol' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(width).fill(item).join(',')}]`;
    }).join('\n');
  const line = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, i) => make(i));

  test.each<[string, string, boolean]>([
    ['billion laughs', laughs(10, 10), false],
    [
      'an alias to a long text many times',
      `a: &a ${'x'.repeat(100_000)}\nb: [${Array(20_000).fill('*a').join(',')}]`,
      false,
    ],
    ['20 000 keys', line(20_000, (i) => `k${i}: ${i}`).join('\n'), true],
    ['131 000 items', `[${'1,'.repeat(131_000)}]`, false],
    ['keys without values', `{${line(24_000, (i) => `${i}`).join(',')}}`, true],
    ['depth 50 000 in flow style', '['.repeat(50_000), false],
    ['depth 700 in block style', line(700, (i) => `${' '.repeat(i)}a:`).join('\n'), false],
    ['nested dashes', '- '.repeat(100_000), false],
    [
      'merge keys',
      `a: &a {${line(500, (i) => `k${i}: 1`).join(', ')}}\n${line(9000, (i) => `m${i}: {<<: *a}`).join('\n')}`,
      false,
    ],
    ['20 000 anchors', line(20_000, (i) => `- &a${i} 1`).join('\n'), true],
    ['20 000 tags', line(20_000, () => '- !x 1').join('\n'), false],
    ['block headers in one long line', `- "${'| '.repeat(100_000)}"\n- |\n  x`, true],
    [
      'block scalars in a deep indent',
      line(3000, () => `${' '.repeat(70)}- |\n${' '.repeat(72)}x`)
        .join('\n')
        .slice(0, 262_000),
      true,
    ],
    ['an open quote', `"${'a'.repeat(250_000)}`, false],
    ['over 256 KiB', `a: ${'x'.repeat(sourceLimits.bytes)}`, false],
  ])('%s costs little', (_name, text, isGood) => {
    const heap = process.memoryUsage().heapUsed;
    // Processor time, and the least of three: a busy machine adds to a time, it never takes from it.
    const times = line(3, () => '').map(() => {
      const start = process.cpuUsage();
      expect(parseYaml(text).issues.length === 0).toBe(isGood);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    });
    // Linear reading takes at most 250 ms here; a quadratic step in any of these takes seconds.
    expect(Math.min(...times)).toBeLessThan(800);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(200 * 1024 * 1024);
  });
});
