import * as z from 'zod';
import { instant } from '../../http/query.ts';
import { readCron } from '../../model/cron.ts';
import { LAST_DAY, months, repeatUnits, weekdays } from '../../model/schedule.ts';
import { readTimeOfDay } from '../../model/time-of-day.ts';
import { isZone } from '../../model/zone.ts';
import { JobLimits, Publication, RetryPolicy } from './job-schemas.ts';

const timeOfDay = z
  .string()
  .refine((text) => readTimeOfDay(text) !== undefined, { error: 'a time of day such as 07:00 or 07:00:59' })
  .meta({ example: '07:00:00', accepted: 'a time of day such as 07:00 or 07:00:59' });

const Window = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => (readTimeOfDay(from) ?? 0) <= (readTimeOfDay(to) ?? 0), {
    error: 'a window within one day: `from` not after `to` (two windows reach over midnight)',
  })
  .meta({ description: 'Both are within: 07:00:00 to 07:00:59 is one minute.' });

const Filter = z
  .strictObject({
    times: z.array(Window).min(1).max(100).optional(),
    daysOfWeek: z.array(z.enum(weekdays)).min(1).max(7).optional(),
    months: z.array(z.enum(months)).min(1).max(12).optional(),
    daysOfMonth: z
      .array(z.int().min(1).max(LAST_DAY))
      .min(1)
      .max(LAST_DAY)
      .optional()
      .meta({ description: '1 to 31, and 32 for the last day of the month.' }),
  })
  .meta({ id: 'ScheduleFilter', description: 'Times that are left, of those the repetition gives.' });

const cron = z
  .string()
  .max(1000)
  .superRefine((text, issues) => {
    const read = readCron(text);
    if ('fault' in read) issues.addIssue({ code: 'custom', message: read.fault });
  })
  .meta({
    description:
      'Instead of `every` and `filter`. Five fields are those of the Unix cron: minute, hour, day of month, month, day of ' +
      'week (Sunday 0 or 7). Six and seven are those of Quartz: second, minute, hour, day of month, month, day of week ' +
      '(Sunday 1), year, with `?`, `L`, `W` and `#`.',
    example: '30 7 * * 1-5',
    accepted: 'a cron expression of five fields, or of six or seven as Quartz has them',
  });

const settings = {
  name: z.string().max(255).optional().meta({ description: 'For people.' }),
  category: z.string().max(255).optional().meta({ description: 'Group it is shown in by FME clients.' }),
  description: z.string().max(10_000).optional().meta({ description: 'For people.' }),
  workflow: z.string().min(1).max(4096).meta({ description: 'Repository path.' }),
  enabled: z.boolean().optional().meta({ description: 'Default true.' }),
  startAt: instant(
    'The first time; the repetition counts from it. With `cron`: nothing is due earlier; default now.',
    '2026-11-22T07:00:00+01:00',
  ).optional(),
  endAt: instant('Nothing is due later. Default: it goes on.', '2027-11-22T07:00:00+01:00').optional(),
  timeZone: z
    .string()
    .max(100)
    .refine(isZone, { error: 'an IANA time zone such as Europe/Berlin, or an offset such as +01:00' })
    .optional()
    .meta({
      description:
        'IANA name, or an offset such as `+01:00`: where days begin and whose clock the filter reads. Default UTC.',
      example: 'Europe/Berlin',
      accepted: 'an IANA time zone such as Europe/Berlin, or an offset such as +01:00',
    }),
  every: z
    .strictObject({ count: z.int().min(1).max(1_000_000), unit: z.enum(repeatUnits) })
    .optional()
    .meta({
      description:
        'Without it and `cron`: once. Seconds, minutes and hours are counted; days later it is the same time on the wall clock.',
    }),
  cron: cron.optional(),
  filter: Filter.optional(),
  skipIfRunning: z
    .boolean()
    .optional()
    .meta({ description: 'True: no job while an earlier one of the schedule has not ended. Default false.' }),
  queue: z.string().max(100).optional().meta({ description: "Of its jobs. Default: the workflow's." }),
  retry: RetryPolicy.optional(),
  limits: JobLimits.optional(),
  publish: Publication.optional(),
  discard: z
    .strictObject({ onSuccess: z.boolean().optional(), onFailure: z.boolean().optional() })
    .optional()
    .meta({ description: 'Which of its jobs are discarded once they have ended. Default none.' }),
};

export const ScheduleSettings = z
  .strictObject({
    ...settings,
    input: z.any().optional().meta({
      description: 'Of its jobs; default `{}`. In a change: absent keeps it, and `********` keeps a secret.',
    }),
  })
  .refine(({ startAt, cron }) => startAt !== undefined || cron !== undefined, {
    path: ['startAt'],
    error: 'an instant; only with `cron` it may be missing',
  })
  .refine(({ every, cron }) => every === undefined || cron === undefined, {
    path: ['every'],
    error: 'nothing beside `cron`',
  })
  .refine(({ filter, cron }) => filter === undefined || cron === undefined, {
    path: ['filter'],
    error: 'nothing beside `cron`',
  })
  .meta({ id: 'ScheduleSettings' });

const time = (description: string) => z.string().meta({ description, format: 'date-time' });

export const Schedule = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    ...settings,
    startAt: time('The first time, or since when the cron expression holds.'),
    enabled: z.boolean(),
    timeZone: z.string(),
    skipIfRunning: z.boolean(),
    discard: z.object({ onSuccess: z.boolean(), onFailure: z.boolean() }),
    input: z.any().meta({ description: 'With `********` in place of secrets.' }),
    owner: z.string().meta({ description: 'In whose name its jobs run.' }),
    failures: z.int().meta({ description: 'In a row; too many disable it (setting `maxScheduleFailures`).' }),
    nextAt: time('When it is due next; absent: never again. A disabled one keeps it.').optional(),
    lastRunAt: time('When its last job was made.').optional(),
    lastJob: z.int().optional().meta({ description: 'Id of that job, which may be discarded by now.' }),
    createdAt: time('Of the schedule.'),
    updatedAt: time('Of its last change by a person.'),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Schedule', description: 'Submits jobs by the clock.' });

export const scheduleParams = z.object({
  id: z
    .string()
    .regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/)
    .meta({
      description: 'UUID of the schedule.',
      example: 'c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3',
      accepted: 'the UUID of a schedule',
    }),
});

export const exampleSettings = {
  name: 'every morning',
  workflow: '/Tutorials/10seconds',
  input: { location: ['Berlin'] },
  startAt: '2026-11-22T07:00:00+01:00',
  timeZone: 'Europe/Berlin',
  every: { count: 1, unit: 'days' },
  filter: { daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] },
  skipIfRunning: true,
};

export const exampleSchedule = {
  id: 'c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3',
  ...exampleSettings,
  enabled: true,
  startAt: '2026-11-22T06:00:00.000Z',
  discard: { onSuccess: false, onFailure: false },
  owner: 'admin',
  failures: 0,
  nextAt: '2026-11-23T06:00:00.000Z',
  createdAt: '2026-11-22T09:30:00.000Z',
  updatedAt: '2026-11-22T09:30:00.000Z',
  links: {
    self: '/schedules/c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3',
    jobs: '/jobs?label=schedule%3Dc2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3',
  },
};
