import type { Explained } from '../../engine/jobs.ts';
import { toIso } from '../../http/query.ts';
import type { JobFile } from '../../model/job.ts';
import { isBlob } from '../../model/payload.ts';
import type { JournalEntry, LogLine, Run, Wait } from '../../model/run.ts';

export const lineWire = (line: LogLine & { seq: number }) => ({
  seq: line.seq,
  at: toIso(line.at),
  level: line.level,
  ...(line.step === undefined ? {} : { step: line.step }),
  ...(line.stream === undefined ? {} : { stream: line.stream }),
  text: line.text,
});

/** A line as a person reads it. Control characters but the tab are taken out: a log must not steer a terminal. */
export const lineText = (line: LogLine): string =>
  `${toIso(line.at)} ${line.level.toUpperCase().padEnd(5)} ${line.step === undefined ? '' : `[${line.step}] `}${line.text.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ')}\n`;

export function stepWire(entry: JournalEntry) {
  const { output } = entry;
  return {
    key: entry.key,
    name: entry.name,
    type: entry.type,
    state: entry.state,
    attempt: entry.attempt,
    startedAt: toIso(entry.startedAt),
    ...(entry.endedAt === undefined ? {} : { endedAt: toIso(entry.endedAt) }),
    ...(output === undefined
      ? {}
      : isBlob(output)
        ? { outputBytes: output.bytes }
        : { output: JSON.parse(output.json) }),
    ...(entry.error === undefined ? {} : { error: entry.error }),
  };
}

export const runWire = (run: Run) => ({
  attempt: run.attempt,
  token: run.token,
  owner: run.owner,
  startedAt: toIso(run.startedAt),
  endedAt: toIso(run.endedAt),
  outcome: run.outcome,
  ...(run.error === undefined ? {} : { error: run.error }),
});

export const fileWire = (file: JobFile, job: number, base: string) => ({
  name: file.name,
  direction: file.direction,
  contentType: file.contentType,
  bytes: file.bytes,
  etag: file.blob,
  createdAt: toIso(file.createdAt),
  href: `${base}/jobs/${job}/files/${file.name.split('/').map(encodeURIComponent).join('/')}`,
});

const waitWire = (wait: Wait) => ({
  step: wait.key,
  name: wait.name,
  type: wait.type,
  kind: wait.kind,
  since: toIso(wait.createdAt),
  ...('wakeAt' in wait && wait.wakeAt !== undefined ? { until: toIso(wait.wakeAt) } : {}),
  ...(wait.kind === 'job' ? { job: wait.child } : {}),
  ...(wait.kind === 'signal' ? { match: wait.match } : {}),
});

export const whyWire = ({ job, queue, running, ahead, waits, text, estimateMs, meanRunMs }: Explained) => ({
  id: job.id,
  state: job.state,
  text,
  queue: {
    name: queue.name,
    paused: queue.paused,
    ...(queue.concurrency === undefined ? {} : { concurrency: queue.concurrency }),
    running,
    ...(ahead === undefined ? {} : { ahead }),
  },
  waits: waits.map(waitWire),
  ...(estimateMs === undefined ? {} : { estimateSeconds: estimateMs / 1000 }),
  ...(meanRunMs === undefined ? {} : { meanRunSeconds: meanRunMs / 1000 }),
});
