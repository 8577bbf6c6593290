import type { Problem } from '../../../model/errors.ts';
import type { LogLine } from '../../../model/run.ts';
import { pointerNames } from '../../../schema/index.ts';

/** What a node has to say: a step of ours is a node of theirs (reference section 9.5). */
export interface NodeMessage {
  node: string;
  messageType: 'ERROR' | 'WARNING' | 'RESET';
  message: string;
}

/**
 * A step as a node: its name and, like the id path of a node, the number of the job and the place of each list from 1:
 * `/do/1/raise` of job 7 is `raise 7:2`. What belongs to no step belongs to the workflow.
 */
export function nodeOf(job: number, workflow: string, pointer: string | undefined): string {
  const names = pointerNames(pointer ?? '');
  const name = names.filter((part) => !/^\d+$/.test(part)).at(-1);
  if (name === undefined || name === 'do') return `${workflow.slice(workflow.lastIndexOf('/') + 1)} ${job}`;
  const path = names.filter((part) => /^\d+$/.test(part)).map((part) => Number(part) + 1);
  return `${name} ${[job, ...path].join(':')}`;
}

/** The end of a job in a node's words; clients take the last message for the reason. */
export function endMessage(
  job: number,
  workflow: string,
  end: { error?: Problem | undefined; cancelReason?: string | undefined },
): NodeMessage[] {
  const { error, cancelReason } = end;
  if (error !== undefined) {
    const reason = error.detail ?? error.title;
    return [
      { node: nodeOf(job, workflow, error.instance), messageType: 'ERROR', message: `Execute failed: ${reason}` },
    ];
  }
  if (cancelReason === undefined) return [];
  return [
    { node: nodeOf(job, workflow, undefined), messageType: 'WARNING', message: `Execution canceled: ${cancelReason}` },
  ];
}

/** Warnings and errors that steps wrote to the log. */
export const logMessages = (job: number, workflow: string, lines: readonly LogLine[]): NodeMessage[] =>
  lines
    .filter(({ level }) => level === 'warn' || level === 'error')
    .map(({ step, text }) => ({ node: nodeOf(job, workflow, step), messageType: 'WARNING', message: text }));
