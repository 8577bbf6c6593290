import * as z from 'zod';

/** Shapes of what a job leaves: log lines, steps, runs, files. */

const time = z.string().meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' });

export const LogLine = z
  .object({
    seq: z.int().meta({ description: 'Grows within the job; `Last-Event-ID` of a stream.' }),
    at: time,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    step: z.string().optional(),
    stream: z.enum(['stdout', 'stderr']).optional(),
    text: z.string(),
  })
  .meta({ id: 'LogLine' });

export const Step = z
  .object({
    key: z.string().meta({ description: 'Its place in the definition; unique within the job.' }),
    name: z.string(),
    type: z.string(),
    state: z.enum(['begun', 'completed', 'failed']),
    attempt: z.int(),
    startedAt: time,
    endedAt: time.optional(),
    output: z
      .any()
      .optional()
      .meta({ description: 'Left out when it is larger than 64 KiB; `outputBytes` tells its size.' }),
    outputBytes: z.int().optional(),
    error: z.any().optional().meta({ description: 'A problem, see the schema `Problem`.' }),
  })
  .meta({ id: 'Step', description: 'One step with an effect, as the journal has it.' });

export const Run = z
  .object({
    attempt: z.int(),
    token: z.int().meta({ description: 'Counts every claim, from 1.' }),
    owner: z.string().meta({ description: 'The server that ran it.' }),
    startedAt: time,
    endedAt: time,
    outcome: z.enum(['completed', 'failed', 'cancelled', 'waiting', 'interrupted']),
    error: z.any().optional().meta({ description: 'A problem, see the schema `Problem`.' }),
  })
  .meta({ id: 'Run', description: "One worker's attempt at the job." });

export const JobFile = z
  .object({
    name: z.string(),
    direction: z.enum(['in', 'out']).meta({ description: 'Came with the submit, or was left by a step.' }),
    contentType: z.string(),
    bytes: z.int(),
    etag: z.string(),
    createdAt: time,
    href: z.string(),
  })
  .meta({ id: 'JobFile' });

export const Why = z
  .object({
    id: z.int(),
    state: z.string(),
    text: z.string().meta({ description: 'The whole in a sentence or two.' }),
    queue: z.object({
      name: z.string(),
      paused: z.boolean(),
      concurrency: z.int().optional(),
      running: z.int(),
      ahead: z.int().optional().meta({ description: 'Jobs that go before it.' }),
    }),
    waits: z
      .array(
        z.object({
          step: z.string(),
          name: z.string(),
          type: z.string(),
          kind: z.enum(['timer', 'job', 'signal']),
          since: time,
          until: time.optional(),
          job: z.int().optional(),
          match: z.string().optional(),
        }),
      )
      .meta({ description: 'What has to happen before it goes on.' }),
    estimateSeconds: z.number().optional().meta({ description: 'Until it begins or ends, as far as can be guessed.' }),
    meanRunSeconds: z.number().optional().meta({ description: 'Of the last finished jobs of this workflow.' }),
  })
  .meta({ id: 'Why', description: 'What a job waits for.' });
