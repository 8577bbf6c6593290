import * as z from 'zod';
import { jobStates } from '../../model/job.ts';

/** Shapes of jobs on the wire: times are ISO 8601 in UTC, durations are in seconds. */

const time = (description: string) =>
  z.string().meta({ description, format: 'date-time', example: '2026-11-22T09:30:00.000Z' });

/** `/jobs/{id}`: the integer or the UUID, and nothing that merely begins like one. */
export const jobParams = z.object({
  id: z
    .string()
    .regex(/^(?:[1-9]\d{0,14}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/)
    .meta({ description: 'Id or UUID of the job.', example: '1', accepted: 'the id or the UUID of a job' }),
});

export const JobLimits = z
  .strictObject({
    queueSeconds: z.number().positive().max(31_536_000).optional().meta({ description: 'Until its first run begins.' }),
    runSeconds: z.number().positive().max(31_536_000).optional().meta({ description: 'Of one run.' }),
    totalSeconds: z
      .number()
      .positive()
      .max(31_536_000)
      .optional()
      .meta({ description: 'From creation to the end, waits and retries included.' }),
    sinceStartSeconds: z
      .number()
      .positive()
      .max(31_536_000)
      .optional()
      .meta({ description: 'From the begin of the first run to the end, waits and retries included.' }),
    onLimit: z.enum(['fail', 'cancel']).optional().meta({ description: 'What becomes of it then; default `fail`.' }),
  })
  .meta({ id: 'JobLimits', description: 'Time limits in seconds; an absent one does not limit.' });

export const RetryPolicy = z
  .strictObject({
    count: z.int().min(0).max(1000).meta({ description: 'How many further runs a failed job gets.' }),
    delaySeconds: z
      .number()
      .min(0)
      .max(86_400)
      .optional()
      .meta({ description: 'Before the first of them; default 1.' }),
    backoff: z.enum(['constant', 'linear', 'exponential']).optional().meta({ description: 'Default `exponential`.' }),
    maxDelaySeconds: z.number().min(0).max(604_800).optional().meta({ description: 'Default 300.' }),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({ description: 'Share of the delay drawn at random; default 0.2.' }),
  })
  .meta({ id: 'RetryPolicy', description: 'When a failed run is tried again.' });

const topics = (end: string) =>
  z
    .array(z.string().min(1).max(255))
    .max(100)
    .optional()
    .meta({ description: `Topics that hear of it when it is ${end}.` });

export const Publication = z
  .strictObject({
    completed: topics('completed'),
    failed: topics('failed'),
    cancelled: topics('cancelled'),
    attributes: z.record(z.string().min(1).max(255), z.string().max(4096)).optional().meta({
      description: 'Goes with each event.',
    }),
  })
  .meta({ id: 'Publication', description: 'Topics that the end of a job is published to; read them at `/events`.' });

const labels = z
  .record(z.string().min(1).max(63), z.string().max(255))
  .meta({ description: 'Names and values to find it by.' });

/** Everything a submit may say beside workflow and input. */
export const submitSettings = {
  queue: z.string().min(1).max(100).optional().meta({ description: "Name of the queue; default: the workflow's own." }),
  priority: z.int().min(-1000).max(1000).optional().meta({ description: 'Higher goes first; default 0.' }),
  runAt: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Not before this.', example: '2030-01-01T06:00:00Z' }),
  businessKey: z.string().min(1).max(255).optional().meta({ description: 'Your own name for it.' }),
  labels: labels.optional(),
  limits: JobLimits.optional(),
  retry: RetryPolicy.optional(),
  publish: Publication.optional(),
};

const workflow = z
  .string()
  .min(1)
  .max(1024)
  .meta({ description: 'Path in the repository; the leading slash may be left out.', example: '/Examples/Hello' });
const input = z
  .any()
  .optional()
  .meta({ description: 'Any JSON that fits the input schema of the workflow; default `{}`.' });

export const JobSubmit = z
  .strictObject({
    workflow,
    input,
    ...submitSettings,
    start: z.boolean().optional().meta({ description: 'False: it is `loaded` and waits for `POST /jobs/{id}/start`.' }),
  })
  .meta({ id: 'JobSubmit', description: 'A request to run a workflow.' });
export type JobSubmit = z.output<typeof JobSubmit>;

export const Execution = z
  .strictObject({ workflow, input, ...submitSettings })
  .meta({ id: 'Execution', description: 'A workflow to run in one call.' });

export const Links = z.record(z.string(), z.string()).meta({ id: 'Links', description: 'Where to go from here.' });

export const Job = z
  .object({
    id: z.int(),
    uuid: z.string().meta({ format: 'uuid' }),
    state: z.enum(jobStates),
    workflow: z.string(),
    version: z.string().meta({ description: 'Content hash of the definition it keeps.' }),
    owner: z.string(),
    queue: z.string(),
    priority: z.int(),
    businessKey: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    dialect: z.string().meta({ description: 'API it came through.' }),
    attempt: z.int().meta({ description: 'Of the current or last run, from 1; 0 before the first.' }),
    createdAt: time('Of the submit.'),
    runAt: time('Not begun before this.').optional(),
    startedAt: time('Begin of the first run.').optional(),
    finishedAt: time('Of the final state.').optional(),
    limits: JobLimits.optional(),
    retry: RetryPolicy.optional(),
    publish: Publication.optional(),
    onInterrupted: z.enum(['resume', 'retry', 'fail']),
    parent: z.object({ job: z.int(), step: z.string() }).optional().meta({ description: 'The step that started it.' }),
    retryOf: z.int().optional().meta({ description: 'The job this one repeats.' }),
    cancel: z
      .object({
        requestedAt: time('When it was asked for, while it ran.').optional(),
        reason: z.string().optional(),
      })
      .optional(),
    error: z.any().optional().meta({ description: 'Of a failed job: a problem, see the schema `Problem`.' }),
    output: z.any().optional().meta({ description: 'Of a completed job, where the request waited for it.' }),
    links: Links,
  })
  .meta({ id: 'Job', description: 'One request to run a workflow, from submit to its final state.' });

export const JobPage = z
  .object({
    items: z.array(Job),
    next: z.string().optional().meta({ description: 'Cursor of the next page; absent on the last.' }),
  })
  .meta({ id: 'JobPage' });

export const JobResult = z
  .object({
    id: z.int(),
    uuid: z.string().meta({ format: 'uuid' }),
    state: z.enum(jobStates),
    output: z.any().optional().meta({ description: 'Of a completed job.' }),
    error: z.any().optional().meta({ description: 'Of a failed job: a problem, see the schema `Problem`.' }),
    reason: z.string().optional().meta({ description: 'Of a cancelled job.' }),
    links: Links.optional(),
  })
  .meta({ id: 'JobResult', description: 'How a job ended, or that it has not.' });

export const exampleJob = {
  id: 1,
  uuid: '01938c5a-7e00-7000-8000-00000000001c',
  state: 'queued',
  workflow: '/Tutorials/10seconds',
  version: '5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592',
  owner: 'admin',
  queue: 'default',
  priority: 0,
  labels: {},
  dialect: 'native',
  attempt: 0,
  createdAt: '2026-11-22T09:30:00.000Z',
  onInterrupted: 'resume',
  links: { self: '/jobs/1', result: '/jobs/1/result', log: '/jobs/1/log', events: '/jobs/1/events' },
};

export const exampleSubmit = { workflow: '/Tutorials/10seconds', input: { location: ['Berlin'] } };
