import * as z from 'zod';
import { isZone } from '../../model/zone.ts';
import { flag, notBlank, time, whole } from './fields.ts';
import { exampleRequest, FmeJobRequest, FmeSubmittedRequest } from './job-schemas.ts';
import { scheduleChoices } from './schedule-choices.ts';

/** Shapes of schedules on the wire. */

const { triggerTypes, recurrences, custom, units, immediately, never } = scheduleChoices;

/** A word in any case; of units also the singular. */
const word = <T extends readonly [string, ...string[]]>(words: T, read = (text: string) => text) =>
  z.preprocess((value) => (typeof value === 'string' ? read(value.trim().toLowerCase()) : value), z.enum(words));

/** What of it belongs to its type is looked at once the type is known: see `readTrigger`. */
const TriggerBody = z
  .object({
    type: word(triggerTypes),
    recurrence: word([...recurrences, custom])
      .optional()
      .meta({ description: 'Of the type `basic`; default `once`.' }),
    interval: whole({ min: 1, max: 1_000_000 }, { description: 'Of the type `interval`.', example: 2 }),
    unit: word(units, (text) => (text.endsWith('s') ? text : `${text}s`))
      .optional()
      .meta({ description: 'Of the type `interval`.', example: 'hours' }),
    cron: z.string().max(1000).optional().meta({
      description: 'Of the type `cron`: six or seven fields as Quartz has them.',
      example: '0 30 7 ? * MON-FRI',
    }),
  })
  .meta({ id: 'FmeScheduleTriggerRequest', description: 'When it repeats.' });
export type TriggerBody = z.output<typeof TriggerBody>;

const moment = (description: string, example: string) => z.string().max(100).optional().meta({ description, example });

const { repository, workspace, ...run } = FmeJobRequest.shape;
const settings = {
  category: z
    .string()
    .max(255)
    .optional()
    .meta({ description: `Default \`${scheduleChoices.category}\`.` }),
  description: z.string().max(10_000).optional(),
  enabled: flag('False: it starts nothing.').meta({ default: true }),
  trigger: TriggerBody.optional().meta({ description: 'Default: once, at the start.' }),
  start: moment(`Time, or \`${immediately}\`, which is the default.`, '2026-01-16T07:30:00+01:00'),
  end: moment(`Time, or \`${never}\`, which is the default.`, '2026-12-31T23:59:59+01:00'),
  timeZone: z
    .string()
    .max(100)
    .refine(isZone, { error: 'must be an IANA time zone such as Europe/Berlin, or an offset such as +01:00' })
    .optional()
    .meta({
      description: "Whose clock the trigger reads; default: the server's. Not of the original.",
      example: 'Europe/Berlin',
    }),
  ...run,
};

const name = notBlank('Unique in its category.', 'Every morning');
export const FmeNewSchedule = z
  .object({ name, repository, workspace, ...settings })
  .meta({ id: 'FmeNewSchedule', description: 'A workspace and when to run it; the run is as that of `POST /jobs`.' });
export const FmeScheduleChange = z
  .object({ name: name.optional(), repository: repository.optional(), workspace: workspace.optional(), ...settings })
  .meta({
    id: 'FmeScheduleChange',
    description:
      'What is left out stays, and passwords that come back hidden. The schedule as it was read is accepted.',
  });

export const FmeScheduleEnabled = z
  .object({ enabled: flag('True: it starts jobs.'), value: flag('The same, as V3 calls it.') })
  .meta({ id: 'FmeScheduleEnabled' });

const FmeTrigger = z
  .object({
    type: z.enum(triggerTypes),
    recurrence: z.enum([...recurrences, custom]).optional(),
    interval: z.int().optional(),
    unit: z.enum(units).optional(),
    cron: z.string().optional(),
  })
  .meta({ id: 'FmeScheduleTrigger' });

export const FmeSchedule = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    name: z.string(),
    category: z.string(),
    description: z.string(),
    enabled: z.boolean(),
    owner: z.string().meta({ description: 'In whose name its jobs run.' }),
    ownerID: z.string().meta({ format: 'uuid' }),
    trigger: FmeTrigger,
    timeZone: z.string(),
    start: time('Since when it holds.'),
    end: time('Until when; null: for ever.'),
    nextRun: time('When it is due next; null: never again. A disabled one keeps it.'),
    lastRun: time('When its last job was started; null: it never was.'),
    lastJobID: z.int().optional().meta({ description: 'Of that job, which may be gone.' }),
    failures: z.int().meta({ description: 'In a row; too many disable it.' }),
    created: time('When it was made.'),
    updated: time('When it was last changed.'),
    ...FmeSubmittedRequest.shape,
  })
  .meta({ id: 'FmeSchedule', description: 'Runs a workspace by the clock.' });

export const exampleNewSchedule = {
  name: 'Every morning',
  category: 'Reports',
  trigger: { type: 'cron', cron: '0 30 7 ? * MON-FRI' },
  start: '2026-01-16T00:00:00+01:00',
  ...exampleRequest,
};

export const exampleSchedule = {
  id: 'c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3',
  name: 'Every morning',
  category: 'Reports',
  description: '',
  enabled: true,
  owner: 'admin',
  ownerID: '6a3f2c1e-0b7d-5d58-9f1e-2c9f4b8e7a10',
  trigger: { type: 'cron', cron: '0 30 7 ? * MON-FRI' },
  timeZone: 'Europe/Berlin',
  start: '2026-01-15T23:00:00.000Z',
  end: null,
  nextRun: '2026-01-19T06:30:00.000Z',
  lastRun: '2026-01-16T06:30:00.004Z',
  lastJobID: 42,
  failures: 0,
  created: '2026-01-15T09:30:00.000Z',
  updated: '2026-01-15T09:30:00.000Z',
  ...exampleRequest,
  queue: 'Default',
  successTopics: [],
  failureTopics: [],
  directives: {},
};
