import * as z from 'zod';
import { notBlank, time, topicNames, whole } from './fields.ts';
import { statuses } from './job-status.ts';

/** Shapes of jobs on the wire. */

const topics = (when: string) =>
  topicNames.optional().meta({ description: `Topics that its ${when} is published to; read them at \`/events\`.` });

/** Scalars of other kinds are taken for their text, as the original's reader does. */
const text = z.preprocess(
  (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value),
  z.string(),
);

export const FmeJobRequest = z
  .object({
    repository: notBlank('Name of the repository.', 'Tutorials'),
    workspace: notBlank('Name of the workspace with its ending.', '10seconds.fmw'),
    publishedParameters: z
      .record(z.string(), z.any())
      .optional()
      .meta({ description: 'Name to value: text, number, true or false, a list.' }),
    queue: z.string().max(100).optional().meta({ description: "Name of the queue; default: the workspace's own." }),
    maxTimeInQueue: whole({ min: 1 }, { description: 'Seconds until it must have begun.', example: 600 }),
    maxJobRuntime: whole({ min: 1 }, { description: 'Seconds it may run.', example: 3600 }),
    maxTotalLifeTime: whole(
      { min: 1, max: 86_400 },
      { description: 'Seconds for waiting and running together.', example: 7200 },
    ),
    successTopics: topics('success'),
    failureTopics: topics('failure or cancellation'),
    directives: z.record(z.string(), text).optional().meta({ description: 'Go with the messages to topics.' }),
  })
  .meta({ id: 'FmeJobRequest', description: 'A workspace to run; only repository and workspace are required.' });
export type FmeJobRequest = z.output<typeof FmeJobRequest>;

/** What was submitted, as it is shown. */
export const FmeSubmittedRequest = z
  .object({
    repository: z.string(),
    workspace: z.string(),
    publishedParameters: z.record(z.string(), z.any()),
    queue: z.string(),
    maxTimeInQueue: z.int().optional(),
    maxJobRuntime: z.int().optional(),
    maxTotalLifeTime: z.int().optional(),
    successTopics: z.array(z.string()),
    failureTopics: z.array(z.string()),
    directives: z.record(z.string(), z.string()),
  })
  .meta({ id: 'FmeSubmittedRequest' });

export const exampleRequest = {
  repository: 'Tutorials',
  workspace: '10seconds.fmw',
  publishedParameters: { location: ['Burnaby', 'Vancouver'], year: 1985 },
};

export const FmeAccepted = z.object({ id: z.int() }).meta({ id: 'FmeAcceptedJob' });

export const FmeJob = z
  .object({
    id: z.int(),
    description: z.string(),
    repository: z.string(),
    workspace: z.string(),
    queue: z.string(),
    queueType: z.string(),
    status: z.enum(statuses),
    statusMessage: z.string(),
    engineHost: z.string(),
    engineName: z.string(),
    runtimeUsername: z.string(),
    runtimeUserID: z.string().meta({ format: 'uuid' }),
    timeQueued: time('Of the submit.'),
    timeStarted: time('Of the begin.'),
    timeFinished: time('Of the end.'),
    elapsedTime: z.int().meta({ description: 'Milliseconds.' }),
    cpuTime: z.int().meta({ description: 'Milliseconds; 0: not measured.' }),
    cpuPercent: z.number(),
    peakMemoryUsage: z.int().meta({ description: 'Bytes; 0: not measured.' }),
    lineCount: z.int(),
    warningCount: z.int(),
    errorCount: z.int(),
    resultDatasetDownloadUrl: z.string(),
    sourceType: z.literal('schedules').optional().meta({ description: 'Of a job that a schedule has started.' }),
    sourceID: z.string().optional().meta({ description: 'Id of that schedule.' }),
  })
  .meta({ id: 'FmeJob' });

export const FmeJobResult = z
  .object({
    id: z.int(),
    featureOutputCount: z.int(),
    requesterHost: z.string(),
    requesterResultPort: z.int(),
    status: z.enum(statuses),
    statusMessage: z.string(),
    timeQueued: time('Of the submit.'),
    timeStarted: time('Of the begin.'),
    timeFinished: time('Of the end.'),
  })
  .meta({ id: 'FmeJobResult' });

export const FmePending = z
  .object({ id: z.int(), status: z.enum(statuses) })
  .meta({ id: 'FmePendingJob', description: 'It has not ended yet; ask again.' });

export const exampleResult = {
  id: 42,
  featureOutputCount: 0,
  requesterHost: '203.0.113.7',
  requesterResultPort: -1,
  status: 'success',
  statusMessage: 'Translation Successful',
  timeQueued: '2026-01-15T09:30:00.120Z',
  timeStarted: '2026-01-15T09:30:00.480Z',
  timeFinished: '2026-01-15T09:30:10.910Z',
};

export const exampleJob = {
  id: 42,
  description: '',
  repository: 'Tutorials',
  workspace: '10seconds.fmw',
  queue: 'Default',
  queueType: 'Standard',
  status: 'success',
  statusMessage: 'Translation Successful',
  engineHost: 'engine-host-1',
  engineName: 'engine-host-1_4711',
  runtimeUsername: 'admin',
  runtimeUserID: '6a3f2c1e-0b7d-5d58-9f1e-2c9f4b8e7a10',
  timeQueued: '2026-01-15T09:30:00.120Z',
  timeStarted: '2026-01-15T09:30:00.480Z',
  timeFinished: '2026-01-15T09:30:10.910Z',
  elapsedTime: 10_430,
  cpuTime: 0,
  cpuPercent: 0,
  peakMemoryUsage: 0,
  lineCount: 64,
  warningCount: 0,
  errorCount: 0,
  resultDatasetDownloadUrl: '',
};

export const FmeLogLine = z
  .object({
    number: z.int(),
    time: z.string().meta({ format: 'date-time', example: '2026-01-15T09:30:00.480Z' }),
    status: z.enum(['INFORM', 'WARN', 'ERROR']),
    message: z.string(),
    line: z.string(),
  })
  .meta({ id: 'FmeLogLine' });

/** Ids are digits; what is none is 400, what is none of ours is not found. */
export const jobParams = z.object({
  id: z
    .string()
    .regex(/^[+-]?\d{1,15}$/, 'must be an integer')
    .transform(Number)
    .meta({ description: 'Id of the job.', example: '42' }),
});
