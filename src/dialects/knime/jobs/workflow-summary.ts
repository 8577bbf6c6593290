import type { Job } from '../../../model/job.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import type { JournalEntry } from '../../../model/run.ts';
import type { WorkflowVersion } from '../../../model/workflow.ts';
import { choices } from '../choices.ts';
import type { OutlineStep } from '../items/refs.ts';
import { nodeOf } from './node-messages.ts';
import { zonedTime } from './times.ts';

/** A workflow as it was run: its nodes, and with `execution` how each of them ended. */
export interface Summarised {
  job: Job;
  version: WorkflowVersion;
  outline: readonly OutlineStep[];
  /** Records of its steps; undefined where nobody asked for them. */
  steps: readonly JournalEntry[] | undefined;
  at: number;
}

/** The description that `workflow-summary` gives. */
export function workflowSummary({ job, version, outline, steps, at }: Summarised): JsonObject {
  const records = steps && recordsOf(steps);
  const { title, description, declaredVersion } = version.info;
  const nodeWire = (step: OutlineStep): JsonObject => ({
    id: nodeOf(job.id, job.workflow, step.pointer).split(' ').at(-1)!,
    name: step.name,
    type: step.type,
    ...(records === undefined ? {} : executionOf(step, records.get(step.pointer), job)),
    ...(step.parts.length === 0
      ? {}
      : {
          subWorkflow: {
            nodes: step.parts.flatMap((part) => part.steps.map(nodeWire)),
          },
        }),
    ...(step.next.length === 0 ? {} : { successors: step.next }),
  });
  return {
    version: choices.summaryVersion,
    summaryCreationDateTime: zonedTime(at),
    workflow: {
      name: job.workflow.slice(job.workflow.lastIndexOf('/') + 1),
      metadata: {
        path: job.workflow,
        title: title ?? '',
        description: description ?? '',
        version: declaredVersion ?? version.hash.slice(0, 12),
      },
      nodes: outline.map(nodeWire),
    },
  };
}

/** Records by the place of their step in the definition: of a step within a loop, all of its rounds. */
function recordsOf(steps: readonly JournalEntry[]): Map<string, JournalEntry[]> {
  const records = new Map<string, JournalEntry[]>();
  for (const entry of steps) {
    const pointer = entry.key.replace(/#[^/]*/g, '').replace(/\/for\/\d+\/do\b/g, '/for/do');
    records.set(pointer, [...(records.get(pointer) ?? []), entry]);
  }
  return records;
}

const states = { begun: 'EXECUTING', completed: 'EXECUTED', failed: 'FAILED' } as const;

/** What is known of a step's end. Steps without an effect leave no record; where one of them failed, the job tells it. */
function executionOf(step: OutlineStep, records: readonly JournalEntry[] = [], job: Job): JsonObject {
  const failure = job.error?.instance === step.pointer ? job.error : undefined;
  const last = records.at(-1);
  if (last === undefined) return failure === undefined ? {} : { state: 'FAILED', ...messageOf(failure.detail) };
  const ended = records.flatMap(({ startedAt, endedAt }) => (endedAt === undefined ? [] : [endedAt - startedAt]));
  const message = failure?.detail ?? last.error?.detail;
  return {
    state: failure === undefined ? states[last.state] : 'FAILED',
    ...messageOf(message),
    executionStatistics: {
      lastExecutionStartTime: zonedTime(last.startedAt),
      ...(ended.length === 0 ? {} : { lastExecutionDuration: ended.at(-1)! }),
      executions: records.length,
    },
  };
}

const messageOf = (message: string | undefined): JsonObject =>
  message === undefined ? {} : { nodeMessage: { type: 'ERROR', message } };

/** The same as XML: members are elements, items of a list elements named by its singular. */
export function summaryXml(summary: JsonObject): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('workflowSummary', summary)}\n`;
}

const singular = (name: string): string => name.replace(/s$/, '');

function element(name: string, value: Json): string {
  if (value === null) return `<${name}/>`;
  if (Array.isArray(value)) return `<${name}>${value.map((item) => element(singular(name), item)).join('')}</${name}>`;
  if (typeof value !== 'object') return `<${name}>${xmlText(String(value))}</${name}>`;
  const members = Object.entries(value).map(([member, item]) => element(member, item));
  return `<${name}>${members.join('')}</${name}>`;
}

/** Characters that XML 1.0 does not know become blanks. */
const xmlText = (text: string): string =>
  Buffer.from(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' '))
    .toString()
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
