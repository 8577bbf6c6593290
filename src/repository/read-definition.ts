import { createHash } from 'node:crypto';
import { type FieldError, isMillraceError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { DefinitionIssue, WorkflowVersion } from '../model/workflow.ts';
import type { Runtime } from '../runtime.ts';

/** The largest definition, in bytes. */
export const maxDefinitionBytes = 256 * 1024;

/** Lower-case hex SHA-256. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What the bytes of a file are: a version that can serve, or what is wrong with them. */
export type Reading = { version: WorkflowVersion; issues: [] } | { version?: never; issues: DefinitionIssue[] };

/** Reads the bytes of a definition through its runtime; never throws because of what they say. */
export function readDefinition(bytes: Uint8Array, hash: string, file: string, runtime: Runtime, log: Log): Reading {
  let source: string;
  try {
    // The byte order mark stays, so that the source gives the same bytes again.
    source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return {
      issues: [{ ...firstMalformed(bytes), message: 'The file is not UTF-8 text; this byte belongs to no sign.' }],
    };
  }
  try {
    const { info } = runtime.parse(source, file);
    return { version: { hash, runtime: runtime.name, source, info }, issues: [] };
  } catch (error) {
    if (isMillraceError(error)) {
      const issues = (error.options.errors ?? []).map(issueOf);
      return { issues: issues.length > 0 ? issues : [{ message: error.message }] };
    }
    log.error({ err: error, file, runtime: runtime.name }, 'A runtime failed to read a definition');
    return { issues: [{ message: `The ${runtime.name} runtime failed to read this file; the server log says why.` }] };
  }
}

/** An issue as an entry of a problem document, and back. */
export const fieldErrorOf = ({ pointer, ...issue }: DefinitionIssue): FieldError => ({
  pointer: pointer ?? '',
  in: 'definition',
  ...issue,
});

function issueOf({ pointer, message, line, column }: FieldError): DefinitionIssue {
  return {
    message,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(pointer === '' ? {} : { pointer }),
  };
}

/** Place of the first byte that is not UTF-8. */
function firstMalformed(bytes: Uint8Array): { line: number; column: number } {
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let at = 0;
  for (const sign of decoded) {
    const encoded = Buffer.from(sign);
    if (sign === '\ufffd' && !encoded.equals(bytes.subarray(at, at + 3))) break;
    at += encoded.length;
  }
  const before = Buffer.from(bytes.subarray(0, at))
    .toString('utf8')
    .split(/\r\n|\r|\n/);
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
