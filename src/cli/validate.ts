import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { checkDefinition } from '../app/check-definition.ts';
import { fail } from '../model/errors.ts';
import type { DefinitionIssue } from '../model/workflow.ts';
import { createQuietLog } from './log.ts';
import { exitCodes, type Output, show } from './output.ts';

/** Checks definitions without running them: every issue with line, column, what was found and what is accepted. */
export function validate(files: readonly string[], output: Output): number {
  const log = createQuietLog();
  const results = files.map((file) => ({ file, issues: checkDefinition(read(file), basename(file), log) }));
  const document = results.map(({ file, issues }) => ({ file, valid: issues.length === 0, issues }));
  const text = results.map(({ file, issues }) => (issues.length === 0 ? `${file}: valid` : issuesText(file, issues)));
  show(output, document, text.join('\n'));
  return results.every(({ issues }) => issues.length === 0) ? exitCodes.done : exitCodes.failed;
}

// `file:line:column: message`, the form editors and CI systems make links of.
const issuesText = (file: string, issues: readonly DefinitionIssue[]): string =>
  issues
    .map((one) => `${[file, one.line, one.column].filter((part) => part !== undefined).join(':')}: ${one.message}`)
    .join('\n');

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw fail(
      'invalid-input',
      `The file ${file} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}.`,
    );
  }
}
