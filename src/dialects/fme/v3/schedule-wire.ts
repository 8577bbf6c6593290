import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { toIso } from '../../../http/query.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Schedule } from '../../../model/schedule.ts';
import { flag, notBlank, time } from '../fields.ts';
import type { RunRequest } from '../job-input.ts';
import { timeWire } from '../job-wire.ts';
import { nameOf } from '../names.ts';
import { scheduleChoices } from '../schedule-choices.ts';
import type { ScheduleRequest } from '../schedule-plan.ts';
import { triggerOf } from '../schedule-trigger.ts';
import { requestOf, runOf, scheduleName, scheduleParameters } from '../schedule-wire.ts';
import { exampleV3Request, exampleV3Submitted, FmeV3Request, FmeV3Submitted } from './job-schemas.ts';
import { v3RequestWire } from './job-wire.ts';
import { readRecurrence, recurrenceWire } from './schedule-recurrence.ts';
import { runIn } from './submission.ts';

/** Schedules on the wire of V3 (reference section 8); the shape is ours, see `schedule-choices`. */

const { immediately, never, category } = scheduleChoices;

export const FmeV3NewSchedule = z
  .object({
    category: z
      .string()
      .max(255)
      .optional()
      .meta({ description: `Default \`${category}\`.`, example: 'Reports' }),
    name: notBlank('Unique in its category.', 'Every morning'),
    description: z.string().max(10_000).optional(),
    enabled: flag('False: it starts nothing.').meta({ default: true }),
    repository: notBlank('Name of the repository.', 'Tutorials'),
    workspace: notBlank('Name of the workspace.', '10seconds.fmw'),
    begin: z
      .string()
      .max(100)
      .optional()
      .meta({ description: `Time, or \`${immediately}\`, which is the default.` }),
    end: z
      .string()
      .max(100)
      .optional()
      .meta({ description: `Time, or \`${never}\`, which is the default.` }),
    recurrence: z
      .string()
      .max(1000)
      .optional()
      .meta({
        description:
          '`NEVER` (default), an interval such as `MINUTE*10`, `HOUR*2`, `DAY*4` or `WEEK*1`, or a cron expression of six or ' +
          'seven fields as Quartz has them.',
        example: 'HOUR*2',
      }),
    cron: z.string().max(1000).optional().meta({ description: 'A cron expression, in place of `recurrence`.' }),
    request: FmeV3Request.optional(),
  })
  .meta({ id: 'FmeV3NewSchedule', description: 'The schedule as it was read is accepted.' });
type Body = z.output<typeof FmeV3NewSchedule>;

export const FmeV3Schedule = z
  .object({
    category: z.string(),
    name: z.string(),
    description: z.string(),
    enabled: z.boolean(),
    owner: z.string().meta({ description: 'In whose name its jobs run.' }),
    repository: z.string(),
    workspace: z.string(),
    begin: z.string().meta({ format: 'date-time' }),
    end: time('Until when; null: for ever.'),
    recurrence: z.string().meta({ description: '`CUSTOM`: what only the other APIs can say.' }),
    cron: z.string().optional().meta({ description: 'The same, where it is a cron expression.' }),
    nextRun: time('When it is due next; null: never again.'),
    request: FmeV3Submitted,
  })
  .meta({ id: 'FmeV3Schedule' });

export const exampleV3NewSchedule = {
  category: 'Reports',
  name: 'Every morning',
  begin: '2026-01-16T07:30:00+01:00',
  recurrence: 'DAY*1',
  repository: 'Tutorials',
  workspace: '10seconds.fmw',
  request: { publishedParameters: exampleV3Request.publishedParameters },
};

export const exampleV3Schedule = {
  category: 'Reports',
  name: 'Every morning',
  description: '',
  enabled: true,
  owner: 'admin',
  repository: 'Tutorials',
  workspace: '10seconds.fmw',
  begin: '2026-01-16T06:30:00.000Z',
  end: null,
  recurrence: 'DAY*1',
  nextRun: '2026-01-17T06:30:00.000Z',
  request: exampleV3Submitted,
};

/** A schedule as V3 shows it. */
export async function v3ScheduleWire(context: DialectContext, principal: Principal, schedule: Schedule) {
  const { description = '', enabled, owner, timing, nextAt, workflow } = schedule;
  const { name, category } = scheduleName(schedule);
  return {
    category,
    name,
    description,
    enabled,
    owner,
    ...nameOf(workflow),
    begin: toIso(timing.startAt),
    end: timeWire(timing.endAt),
    recurrence: recurrenceWire(triggerOf(timing)),
    ...(timing.cron === undefined ? {} : { cron: timing.cron }),
    nextRun: timeWire(nextAt),
    request: v3RequestWire(runOf(schedule), await scheduleParameters(context, principal, schedule)),
  };
}

/** A body in the words of V4. Of a schedule there is already (`before`) the run stays where the body has no `request`. */
export function readV3Schedule(body: Body, before?: Schedule): ScheduleRequest {
  const { request, begin, recurrence, cron, description, ...same } = body;
  const old = before && requestOf(before);
  const run = request === undefined ? old && runAlone(old) : runIn(request);
  // A document that was read has both; the one that is another than before is meant.
  const isSame = recurrence !== undefined && old !== undefined && recurrence === recurrenceWire(old.trigger);
  const text = (isSame ? (cron ?? recurrence) : (recurrence ?? cron)) ?? '';
  return {
    ...run,
    ...same,
    description: description ?? run?.description,
    trigger: readRecurrence(text, old?.trigger),
    start: begin,
    timeZone: old?.timeZone,
  };
}

/** What is in `request`, of a schedule that was asked for. */
function runAlone(asked: ScheduleRequest): Omit<RunRequest, 'repository' | 'workspace'> {
  const { queue, maxTimeInQueue, maxJobRuntime, maxTotalLifeTime } = asked;
  const { successTopics, failureTopics, directives, description } = asked;
  const limits = { maxTimeInQueue, maxJobRuntime, maxTotalLifeTime };
  return { queue, ...limits, successTopics, failureTopics, directives, description };
}
