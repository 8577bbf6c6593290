import { fail } from '../model/errors.ts';
import type { Runtime } from '../runtime.ts';
import { isHidden, nameOf, namesOf, parentOf, parseRepositoryPath, type RepositoryPath } from './safe-path.ts';

/** Which runtime reads which file. */
export interface Suffixes {
  /** All suffixes, with the dot. */
  all: readonly string[];
  /** The workflow a file defines; undefined for plain files and for names that no path can have. */
  workflowOf(file: RepositoryPath): { path: RepositoryPath; suffix: string; runtime: Runtime } | undefined;
  /** @throws invalid-input listing what is accepted */
  runtimeOf(suffix: string): Runtime;
  /** The suffix a runtime's files usually have. @throws invariant */
  usualOf(runtime: string): string;
}

export function createSuffixes(runtimes: readonly Runtime[]): Suffixes {
  const bySuffix = new Map(runtimes.flatMap((runtime) => runtime.suffixes.map((suffix) => [suffix, runtime] as const)));
  // `.workflow.yaml` goes before `.yaml`.
  const all = [...bySuffix.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return {
    all,
    workflowOf(file) {
      const name = nameOf(file);
      const suffix = all.find((end) => name.length > end.length && name.toLowerCase().endsWith(end));
      if (suffix === undefined || namesOf(file).some(isHidden)) return undefined;
      try {
        return { path: parseRepositoryPath(file.slice(0, -suffix.length)), suffix, runtime: bySuffix.get(suffix)! };
      } catch {
        return undefined;
      }
    },
    runtimeOf(suffix) {
      const runtime = bySuffix.get(suffix);
      if (runtime) return runtime;
      const accepted = all.join(', ');
      const message = `A workflow file ends in one of ${accepted}; "${suffix.slice(0, 40)}" is none of them.`;
      throw fail('invalid-input', { detail: message, errors: [{ pointer: 'suffix', in: 'query', message, accepted }] });
    },
    usualOf(name) {
      const suffix = runtimes.find((runtime) => runtime.name === name)?.suffixes[0];
      if (suffix === undefined) throw fail('invariant', `There is no runtime ${name}.`);
      return suffix;
    },
  };
}

/**
 * The path of a workflow or folder that may be written.
 *
 * @throws invalid-path, also for names that the repository leaves alone
 */
export function parseWritablePath(text: string): RepositoryPath {
  const path = parseRepositoryPath(text);
  if (parentOf(path) === path) throw fail('invalid-path', 'A name is needed after the slash.');
  if (namesOf(path).some(isHidden))
    throw fail('invalid-path', 'Names that begin with a dot, and node_modules, are not part of the repository.');
  return path;
}
