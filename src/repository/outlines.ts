import { fail } from '../model/errors.ts';
import type { OutlineStep } from '../model/outline.ts';
import type { WorkflowVersion } from '../model/workflow.ts';
import type { Runtime } from '../runtime.ts';

/** Outlines of versions, each found by reading the definition once more. */
export function createOutlines(runtimes: readonly Runtime[]): (version: WorkflowVersion) => readonly OutlineStep[] {
  const known = new WeakMap<WorkflowVersion, readonly OutlineStep[]>();
  return (version) => {
    const before = known.get(version);
    if (before) return before;
    const runtime = runtimes.find(({ name }) => name === version.runtime);
    if (!runtime) throw fail('invariant', `There is no runtime ${version.runtime}.`);
    // The first suffix of a runtime takes what all of them take.
    const outline = runtime.outline(runtime.parse(version.source, `/definition${runtime.suffixes[0]}`));
    known.set(version, outline);
    return outline;
  };
}
