import { describe, expect, it } from 'vitest';
import { createRuntimes, runtimeFor } from '../../src/runtimes/index.ts';

describe('runtimeFor', () => {
  const runtimes = createRuntimes();

  it.each(['a.yaml', 'Folder/b.yml', 'c.json', 'D.YAML'])('gives %s to the serverless runtime', (file) => {
    expect(runtimeFor(file, runtimes)?.name).toBe('serverless');
  });

  it('gives a file of another kind to none', () => {
    expect(runtimeFor('readme.md', runtimes)).toBeUndefined();
  });

  it('lets no two runtimes own the same ending', () => {
    const suffixes = runtimes.flatMap((runtime) => runtime.suffixes);
    expect(new Set(suffixes).size).toBe(suffixes.length);
  });
});
