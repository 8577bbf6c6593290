import { isMillraceError, type Problem, toProblem } from '../model/errors.ts';

/** Where a command writes; handed in, so that nothing else decides. */
export interface Output {
  /** Results: nothing else goes to standard output. */
  out(text: string): void;
  /** Notes and errors, for people. */
  note(text: string): void;
  /** `json`: results and errors as one JSON document each. */
  format: 'text' | 'json';
}

/** How a command ends. */
export const exitCodes = {
  done: 0,
  /** The job failed, the file is invalid, the server cannot start. */
  failed: 1,
  /** The command could not be carried out: wrong arguments, no server, refused by the server. */
  refused: 2,
  /** The job was cancelled. */
  cancelled: 3,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

export const createOutput = (format: Output['format']): Output => ({
  out: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  format,
});

/** Writes a result: the document with `-o json`, else the text for people. */
export function show(output: Output, document: unknown, text: string): void {
  output.out(output.format === 'json' ? JSON.stringify(document, null, 2) : text);
}

/** Writes an error as sentences with what to do, never with a stack unless it is a defect. */
export function showError(output: Output, error: unknown): void {
  const problem = toProblem(error);
  if (output.format === 'json') output.note(JSON.stringify(problem));
  else if (isMillraceError(error)) output.note(problemText(problem));
  else output.note(`This is a defect in Millrace:\n${error instanceof Error ? error.stack : String(error)}`);
}

/** A problem as text: its sentence, and one line for each field. */
export function problemText(problem: Problem): string {
  const lines = (problem.errors ?? []).map((one) => {
    const place =
      one.line === undefined ? '' : `line ${one.line}${one.column === undefined ? '' : `, column ${one.column}`}: `;
    return `  ${place}${one.message}`;
  });
  const detail = problem.detail ?? problem.title;
  // One field's message is the whole story when the sentence says the same.
  return lines.length === 1 && problem.errors![0]!.message === detail ? detail : [detail, ...lines].join('\n');
}
