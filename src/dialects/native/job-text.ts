import { toIso } from '../../http/query.ts';
import { isEmpty } from '../../model/is-empty.ts';
import type { Job } from '../../model/job.ts';
import { jobWire } from './job-wire.ts';

/**
 * The JSON text of `jobWire`, for the answer to a submit. A job that has nothing but what every job has is written member
 * by member, which takes a quarter of the time: of all that is done for a submit, only reading its body takes longer.
 */
export const jobText = (job: Job, base: string): string =>
  isPlain(job) ? plainText(job, base) : JSON.stringify(jobWire(job, base));

const isPlain = (job: Job): boolean =>
  job.businessKey === undefined &&
  job.runAt === undefined &&
  job.retry === undefined &&
  job.publish === undefined &&
  job.parent === undefined &&
  job.retryOf === undefined &&
  job.cancelRequestedAt === undefined &&
  job.cancelReason === undefined &&
  job.error === undefined &&
  isEmpty(job.labels) &&
  isEmpty(job.limits);

function plainText(job: Job, base: string): string {
  const { id, startedAt, finishedAt } = job;
  let text = `{"id":${id},"uuid":"${job.uuid}","state":"${job.state}",${repeated(job)},"attempt":${job.attempt}`;
  text += `,"createdAt":"${toIso(job.createdAt)}"`;
  if (startedAt !== undefined) text += `,"startedAt":"${toIso(startedAt)}"`;
  if (finishedAt !== undefined) text += `,"finishedAt":"${toIso(finishedAt)}"`;
  const self = `${quoted(base).slice(1, -1)}/jobs/${id}`;
  text += `,"onInterrupted":"${job.onInterrupted}","links":{"self":"${self}","result":"${self}/result"`;
  return `${text},"log":"${self}/log","events":"${self}/events"}}`;
}

type Repeated = Pick<Job, 'workflow' | 'version' | 'owner' | 'queue' | 'priority' | 'dialect'>;
/** Jobs in a row are mostly of one workflow and one owner. */
let last: { of: Repeated; text: string } | undefined;

function repeated({ workflow, version, owner, queue, priority, dialect }: Repeated): string {
  const of = last?.of;
  const same =
    of?.workflow === workflow &&
    of.version === version &&
    of.owner === owner &&
    of.queue === queue &&
    of.priority === priority &&
    of.dialect === dialect;
  if (last === undefined || !same) {
    const text = JSON.stringify({ workflow, version, owner, queue, priority, labels: {}, dialect }).slice(1, -1);
    last = { of: { workflow, version, owner, queue, priority, dialect }, text };
  }
  return last.text;
}

let lastBase = { base: '', text: '""' };
/** One server has one base. */
function quoted(base: string): string {
  if (base !== lastBase.base) lastBase = { base, text: JSON.stringify(base) };
  return lastBase.text;
}
