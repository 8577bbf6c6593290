import * as z from 'zod';
import type { JsonObject } from '../../../model/json.ts';
import type { Schedule as Stored } from '../../../model/schedule.ts';
import { timeOfDay } from '../../../model/time-of-day.ts';
import { exampleRoot, type Links, linksBelow } from '../links.ts';
import { control, masonMembers, namespaces } from '../mason.ts';
import type { Notes } from './schedule-body.ts';
import { writeZonedTime } from './zoned-time.ts';

const values = z.record(z.string(), z.any());
const time = z.string().meta({ example: '2021-03-29T00:40+02:00[Europe/Berlin]' });

export const Schedule = z
  .object({
    id: z.uuid(),
    workflowPath: z.string(),
    targetName: z.string(),
    user: z.string().meta({ description: 'In whose name its jobs run.' }),
    reset: z.boolean(),
    discard: z.boolean(),
    discardAfterSuccessfulExec: z.boolean(),
    discardAfterFailedExec: z.boolean(),
    executionRetries: z.int(),
    numFailures: z.int().meta({ description: 'In a row; too many disable it.' }),
    lastRun: time.optional(),
    lastJob: z.uuid().optional(),
    schedule: z.object({
      startTime: time,
      nextScheduledExecution: time.optional().meta({ description: 'Absent: never again.' }),
      disabled: z.boolean(),
      skipIfPreviousJobStillRunning: z.boolean(),
      delay: z.int().optional(),
      delayType: z.enum(['MINUTES', 'HOURS', 'DAYS']).optional(),
      filter: z
        .object({
          times: z.array(z.object({ start: z.string(), end: z.string() })).optional(),
          daysOfWeek: z.array(z.string()).optional(),
          months: z.array(z.string()).optional(),
          days: z.array(z.int()).optional().meta({ description: '1 to 31, and 32 for the last of the month.' }),
        })
        .optional(),
    }),
    inputParameters: values,
    configuration: values,
    configurationWithPasswords: values,
    notifications: values,
    actions: z.array(z.any()).meta({ description: 'Kept and shown; none is carried out.' }),
    ...masonMembers,
  })
  .meta({ id: 'KnimeSchedule', description: 'Runs a workflow by the clock.' });

export const ScheduleList = z.object({ schedules: z.array(Schedule), ...masonMembers }).meta({ id: 'KnimeSchedules' });

/** A schedule in the order of members that clients have seen (reference section 14.2). */
export function scheduleWire(
  schedule: Stored,
  shown: { inputParameters: JsonObject; lastJob: string | undefined },
  links: Links,
) {
  const { id, workflow, name, discard, retry, timing, nextAt, lastRunAt } = schedule;
  const notes = (schedule.notes ?? {}) as Partial<Notes>;
  const self = links.schedule(id);
  const zoned = (at: number): string => writeZonedTime(at, timing.zone);
  return {
    id,
    workflowPath: workflow,
    targetName: name ?? workflow.slice(workflow.lastIndexOf('/') + 1),
    user: schedule.owner,
    reset: notes.reset ?? true,
    discard: discard.onSuccess && discard.onFailure,
    discardAfterSuccessfulExec: discard.onSuccess,
    discardAfterFailedExec: discard.onFailure,
    executionRetries: retry?.count ?? 0,
    numFailures: schedule.failures,
    ...(lastRunAt === undefined ? {} : { lastRun: zoned(lastRunAt) }),
    ...(shown.lastJob === undefined ? {} : { lastJob: shown.lastJob }),
    schedule: {
      startTime: zoned(timing.startAt),
      ...(nextAt === undefined ? {} : { nextScheduledExecution: zoned(nextAt) }),
      disabled: !schedule.enabled,
      skipIfPreviousJobStillRunning: schedule.skipIfRunning,
      ...delayWire(timing.every),
      ...(timing.filter === undefined ? {} : { filter: filterWire(timing.filter) }),
    },
    inputParameters: shown.inputParameters,
    configuration: notes.configuration ?? {},
    configurationWithPasswords: {},
    notifications: notes.notifications ?? {},
    actions: notes.actions ?? [],
    '@namespaces': namespaces,
    '@controls': {
      self: control(self),
      edit: control(self, 'PUT', { encoding: 'Json' }),
      'knime:delete': control(self, 'DELETE'),
      'knime:workflow': control(links.item(workflow)),
    },
  };
}

/** What its enum has no word for, seconds, is not shown, as a cron expression is not. */
const delayWire = (every: Stored['timing']['every']) =>
  every === undefined || every.unit === 'seconds' ? {} : { delay: every.count, delayType: every.unit.toUpperCase() };

const filterWire = ({ times, daysOfWeek, months, daysOfMonth }: NonNullable<Stored['timing']['filter']>) => ({
  ...(times === undefined
    ? {}
    : { times: times.map(({ from, to }) => ({ start: timeOfDay(from), end: timeOfDay(to) })) }),
  ...(daysOfWeek === undefined ? {} : { daysOfWeek: daysOfWeek.map((day) => day.toUpperCase()) }),
  ...(months === undefined ? {} : { months: months.map((month) => month.toUpperCase()) }),
  ...(daysOfMonth === undefined ? {} : { days: daysOfMonth }),
});

/** A body to start from. */
export const exampleBody = {
  workflowPath: '/Tutorials/10seconds',
  discardAfterSuccessfulExec: true,
  schedule: {
    startTime: '2021-03-29T00:40+02:00[Europe/Berlin]',
    disabled: true,
    delay: 1,
    delayType: 'DAYS',
    filter: { daysOfWeek: ['MONDAY', 'FRIDAY'] },
  },
  inputParameters: { location: ['Berlin'] },
};

export const exampleSchedule = scheduleWire(
  {
    id: 'c2d8a4be-07a1-4b9a-9a3e-51d2f6f0a7e3',
    workflow: '/Tutorials/10seconds',
    owner: 'guest',
    enabled: true,
    timing: {
      zone: 'Europe/Berlin',
      startAt: Date.parse('2021-03-29T00:40+02:00'),
      every: { count: 1, unit: 'days' },
      filter: { daysOfWeek: ['monday', 'friday'] },
    },
    skipIfRunning: false,
    discard: { onSuccess: true, onFailure: false },
    dialect: 'knime',
    input: { json: '{}' },
    createdAt: 0,
    updatedAt: 0,
    nextAt: Date.parse('2021-04-09T00:40+02:00'),
    failures: 0,
    lastRunAt: Date.parse('2021-04-05T00:40:00.003+02:00'),
  },
  { inputParameters: exampleBody.inputParameters, lastJob: 'e47b0f3a-6c55-4e0e-8f5d-2b1c9d7a6f10' },
  linksBelow(exampleRoot),
);
