import { fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { DefinitionIssue } from '../model/workflow.ts';
import { hashOf, readDefinition } from '../repository/read-definition.ts';
import { createRuntimes } from '../runtimes/index.ts';

/** What is wrong with a definition, found without a server and without running it. Throws `invalid-input` for a file that no runtime reads. */
export function checkDefinition(bytes: Uint8Array, file: string, log: Log): readonly DefinitionIssue[] {
  const runtimes = createRuntimes();
  const runtime = runtimes.find(({ suffixes }) => suffixes.some((suffix) => file.toLowerCase().endsWith(suffix)));
  if (runtime) return readDefinition(bytes, hashOf(bytes), file, runtime, log).issues;
  const accepted = runtimes.flatMap(({ suffixes }) => suffixes).join(', ');
  throw fail('invalid-input', `${file} is no workflow file: its name must end in one of ${accepted}.`);
}
