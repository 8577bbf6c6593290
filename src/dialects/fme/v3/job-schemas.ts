import * as z from 'zod';
import { limitSeconds, time, topicNames } from '../fields.ts';
import { exampleRequest } from '../job-schemas.ts';

/** Shapes of jobs on the wire of V3 (reference sections 9.1, 9.2). */

const topics = topicNames.nullish();
const pairs = z.array(z.object({ name: z.string().min(1), value: z.any() }));

export const FmeV3Request = z
  .object({
    publishedParameters: z
      .union([pairs, z.record(z.string(), z.any())], { error: 'must be a list of objects with name and value' })
      .optional(),
    TMDirectives: z
      .object({
        rtc: z.any().optional().meta({ description: 'Passed over, as `priority` is.', example: false }),
        ttc: limitSeconds('Seconds it may run.', 3600),
        ttl: limitSeconds('Seconds until it must have begun.', 600),
        tag: z.string().max(100).nullish().meta({ description: 'Name of the queue.' }),
        description: z.string().max(1024).nullish(),
        priority: z.any().optional().meta({ example: 5 }),
      })
      .optional(),
    NMDirectives: z.object({ directives: pairs.nullish(), successTopics: topics, failureTopics: topics }).optional(),
  })
  .meta({ id: 'FmeV3Request', description: 'Everything may be left out.' });
export type FmeV3Request = z.output<typeof FmeV3Request>;

export const exampleV3Request = {
  publishedParameters: [
    { name: 'location', value: ['Burnaby', 'Vancouver'] },
    { name: 'year', value: '1985' },
  ],
  TMDirectives: { rtc: false, ttc: 3600, ttl: 600, tag: 'Default', description: 'test', priority: 5 },
  NMDirectives: {
    directives: [{ name: 'ticket', value: 'A-17' }],
    successTopics: ['DATA_READY'],
    failureTopics: ['DATA_FAILED'],
  },
};

const words = [
  'PAUSED',
  'QUEUED',
  'IN_PROCESS',
  'SUCCESS',
  'FME_FAILURE',
  'JOB_FAILURE',
  'ABORTED',
  'DELETED',
] as const;

export const FmeV3Result = z
  .object({
    id: z.int(),
    priority: z.int(),
    status: z.enum(words),
    statusMessage: z.string(),
    numFeaturesOutput: z.int(),
    requesterHost: z.string(),
    requesterResultPort: z.int(),
    timeRequested: time('Of the submit.'),
    timeStarted: time('Of the begin.'),
    timeFinished: time('Of the end.'),
    resultDatasetDownloadUrl: z.string().optional().meta({ description: 'Of a data download: address of its result.' }),
    message: z.string().optional().meta({ description: 'Of a job that ended badly.' }),
  })
  .meta({ id: 'FmeV3Result' });

export const exampleV3Result = {
  id: 7,
  priority: -1,
  status: 'SUCCESS',
  statusMessage: 'Translation Successful',
  numFeaturesOutput: 0,
  requesterHost: '203.0.113.7',
  requesterResultPort: -1,
  timeRequested: '2026-01-15T09:30:00.000Z',
  timeStarted: '2026-01-15T09:30:00.120Z',
  timeFinished: '2026-01-15T09:30:10.640Z',
};

export const FmeV3Submitted = z
  .object({
    publishedParameters: z.array(z.object({ name: z.string(), value: z.any() })),
    TMDirectives: z.object({
      rtc: z.boolean(),
      ttc: z.int(),
      tag: z.string(),
      ttl: z.int(),
      description: z.string(),
    }),
    NMDirectives: z.object({
      directives: z.array(z.object({ name: z.string(), value: z.string() })),
      successTopics: z.array(z.string()),
      failureTopics: z.array(z.string()),
    }),
    workspacePath: z.string(),
  })
  .meta({ id: 'FmeV3SubmittedRequest' });

export const exampleV3Submitted = {
  publishedParameters: exampleV3Request.publishedParameters,
  TMDirectives: { rtc: false, ttc: -1, tag: 'Default', ttl: -1, description: '' },
  NMDirectives: { directives: [], successTopics: [], failureTopics: [] },
  workspacePath: `"${exampleRequest.repository}/${exampleRequest.workspace}"`,
};

export const FmeV3Job = z
  .object({
    id: z.int(),
    status: z.enum(words),
    repository: z.string(),
    workspace: z.string(),
    userName: z.string(),
    description: z.string(),
    engineHost: z.string(),
    engineName: z.string(),
    timeSubmitted: time('Of the submit.'),
    timeQueued: time('Of the submit.'),
    timeDelivered: time('When an engine took it.'),
    timeStarted: time('Of the begin.'),
    timeFinished: time('Of the end.'),
    elapsedTime: z.int().meta({ description: 'Milliseconds.' }),
    cpuTime: z.int().meta({ description: 'Milliseconds; 0: not measured.' }),
    cpuPct: z.number(),
    peakMemUsage: z.int().meta({ description: 'Bytes; 0: not measured.' }),
    numLines: z.int(),
    numWarnings: z.int(),
    numErrors: z.int(),
    request: FmeV3Submitted,
    result: FmeV3Result.optional().meta({ description: 'Once it has ended.' }),
  })
  .meta({ id: 'FmeV3Job' });

export const exampleV3Job = {
  id: 7,
  status: 'SUCCESS',
  repository: 'Tutorials',
  workspace: '10seconds.fmw',
  userName: 'admin',
  description: '',
  engineHost: 'engine-host-1',
  engineName: 'engine-host-1_4711',
  timeSubmitted: '2026-01-15T09:30:00.000Z',
  timeQueued: '2026-01-15T09:30:00.000Z',
  timeDelivered: '2026-01-15T09:30:00.120Z',
  timeStarted: '2026-01-15T09:30:00.120Z',
  timeFinished: '2026-01-15T09:30:10.640Z',
  elapsedTime: 10_520,
  cpuTime: 0,
  cpuPct: 0,
  peakMemUsage: 0,
  numLines: 64,
  numWarnings: 0,
  numErrors: 0,
  request: exampleV3Submitted,
  result: exampleV3Result,
};
