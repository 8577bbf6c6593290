import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isBelow,
  joinPath,
  nameOf,
  namesOf,
  parentOf,
  parseRepositoryPath,
  rebase,
  rootPath,
} from '../../src/repository/safe-path.ts';
import { processorMs } from '../support/processor.ts';
import { hostilePaths } from './hostile-paths.ts';
import { codeOf } from './support.ts';

describe('parseRepositoryPath', () => {
  test.each([
    ['/', '/'],
    ['a', '/a'],
    ['/a', '/a'],
    ['/A/B c/d.e.yaml', '/A/B c/d.e.yaml'],
    ['/Examples/Predict Results Using REST API', '/Examples/Predict Results Using REST API'],
    ['/über/日本語/🙂', '/über/日本語/🙂'],
    ['/u\u0308ber', '/über'],
    ['/..a/a..b/...c', '/..a/a..b/...c'],
    ['/100%', '/100%'],
    ['/50% of %zz', '/50% of %zz'],
    ['/console/null/common', '/console/null/common'],
    ["/a~b/c'd(e)[f]{g}+h=i&j,k;l@m$n#o!p", "/a~b/c'd(e)[f]{g}+h=i&j,k;l@m$n#o!p"],
    [`/${'n'.repeat(255)}`, `/${'n'.repeat(255)}`],
    [`${'a/'.repeat(31)}b`, `/${'a/'.repeat(31)}b`],
  ])('%j is the path %j', (text, path) => {
    expect(parseRepositoryPath(text)).toBe(path);
  });

  test(`the corpus has ${hostilePaths.length} hostile texts, at least 120`, () => {
    expect(hostilePaths.length).toBeGreaterThanOrEqual(120);
  });

  test.each(hostilePaths.map((text) => [text]))('%j is refused', async (text) => {
    expect(await codeOf(() => parseRepositoryPath(text))).toBe('invalid-path');
  });

  test('the message names the rule and shows at most the beginning of the text', () => {
    expect(() => parseRepositoryPath('a/../b')).toThrow('"a/../b" is not a path: names must not be `.` or `..`.');
    const message = (() => {
      try {
        return parseRepositoryPath(`${'x'.repeat(5000)}`);
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message.length).toBeLessThan(200);
  });

  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(fc.constantFrom('.', '..', '/', '\\', '%2e', 'a', ' ', ':', '\0', '\uff0e', 'e\u0301', 'con', '~'), {
        maxLength: 12,
      })
      .map((parts) => parts.join('')),
  );

  test('whatever the text, a path stays below its folder on every system and reads the same again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let path: string;
        try {
          path = parseRepositoryPath(text);
        } catch (error) {
          expect((error as { code?: string }).code).toBe('invalid-path');
          return;
        }
        expect(parseRepositoryPath(path)).toBe(path);
        expect(posix.join('/root', path)).toBe(path === '/' ? '/root/' : `/root${path}`);
        expect(win32.resolve('C:\\root', `.${path}`)).toBe(
          path === '/' ? 'C:\\root' : `C:\\root${path.replaceAll('/', '\\')}`,
        );
        expect(decodeURIComponent(path.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'))).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });

  test('a very long text is refused at once', async () => {
    const start = processorMs();
    expect(await codeOf(() => parseRepositoryPath('a/'.repeat(5_000_000)))).toBe('invalid-path');
    expect(processorMs() - start).toBeLessThan(50);
  });
});

describe('parts of a path', () => {
  const path = parseRepositoryPath('/A/B/c');

  test('names, parent and last name', () => {
    expect(namesOf(path)).toEqual(['A', 'B', 'c']);
    expect(namesOf(rootPath)).toEqual([]);
    expect([nameOf(path), nameOf(rootPath)]).toEqual(['c', '']);
    expect([parentOf(path), parentOf(parseRepositoryPath('/A')), parentOf(rootPath)]).toEqual(['/A/B', '/', '/']);
  });

  test('below means within, not beside and not itself', () => {
    const below = (inner: string, outer: string) => isBelow(parseRepositoryPath(inner), parseRepositoryPath(outer));
    expect([below('/A/B', '/A'), below('/A', '/'), below('/AB', '/A'), below('/A', '/A'), below('/', '/')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('joining checks the name, and the whole', async () => {
    expect(joinPath(rootPath, 'x')).toBe('/x');
    expect(joinPath(path, 'd/e')).toBe('/A/B/c/d/e');
    for (const name of ['..', '', '/etc', '../x', 'a/../../../x'])
      expect(await codeOf(() => joinPath(path, name))).toBe('invalid-path');
    const deep = parseRepositoryPath(`${'a/'.repeat(31)}b`);
    expect(await codeOf(() => joinPath(deep, 'c'))).toBe('invalid-path');
  });

  test('rebasing keeps what is below', () => {
    const to = (from: string, target: string) => rebase(path, parseRepositoryPath(from), parseRepositoryPath(target));
    expect([to('/A', '/X/Y'), to('/A', '/'), to('/', '/X'), to('/A/B/c', '/q')]).toEqual([
      '/X/Y/B/c',
      '/B/c',
      '/X/A/B/c',
      '/q',
    ]);
  });
});
