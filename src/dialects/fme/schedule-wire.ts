import type { DialectContext } from '../../dialect.ts';
import { toIso } from '../../http/query.ts';
import type { Principal } from '../../model/principal.ts';
import { DEFAULT_QUEUE } from '../../model/queue.ts';
import type { Schedule } from '../../model/schedule.ts';
import { choices } from './choices.ts';
import { requestWire, shownParameters } from './job-request.ts';
import { timeWire } from './job-wire.ts';
import { queueWire } from './queue-names.ts';
import { scheduleChoices } from './schedule-choices.ts';
import type { ScheduleRequest } from './schedule-plan.ts';
import { triggerOf } from './schedule-trigger.ts';
import { userId } from './user-ids.ts';

/** How clients know a schedule: those of other APIs may have neither. */
export const scheduleName = ({ id, name, category }: Schedule) => ({
  name: name ?? id,
  category: category ?? scheduleChoices.category,
});

/** What it asks of its jobs, as a submit has it. */
export const runOf = ({ workflow, queue = DEFAULT_QUEUE, limits = {}, publish, description = '' }: Schedule) => ({
  workflow,
  queue,
  limits,
  origin: { description },
  ...(publish === undefined ? {} : { publish }),
});

/** What its jobs are given, as clients send it, with passwords hidden. */
export const scheduleParameters = async (context: DialectContext, principal: Principal, schedule: Schedule) =>
  shownParameters(
    context,
    principal,
    schedule.workflow,
    await context.engine.schedules.input(schedule, choices.hiddenValue),
  );

/** A schedule as V4 shows it. */
export async function scheduleWire(context: DialectContext, principal: Principal, schedule: Schedule) {
  const { id, description = '', enabled, owner, timing, nextAt, lastRunAt, lastJob } = schedule;
  return {
    id,
    ...scheduleName(schedule),
    description,
    enabled,
    owner,
    ownerID: userId(owner),
    trigger: triggerOf(timing),
    timeZone: timing.zone,
    start: toIso(timing.startAt),
    end: timeWire(timing.endAt),
    nextRun: timeWire(nextAt),
    lastRun: timeWire(lastRunAt),
    ...(lastJob === undefined ? {} : { lastJobID: lastJob }),
    failures: schedule.failures,
    created: toIso(schedule.createdAt),
    updated: toIso(schedule.updatedAt),
    ...requestWire(runOf(schedule), await scheduleParameters(context, principal, schedule)),
  };
}

/** What was asked for, without the parameters, so that a change may leave out what is to stay. */
export function requestOf(schedule: Schedule): ScheduleRequest {
  const { publishedParameters: _none, queue: _default, ...run } = requestWire(runOf(schedule), {});
  const { queue, description, enabled, timing } = schedule;
  return {
    ...run,
    ...scheduleName(schedule),
    description,
    enabled,
    queue: queue === undefined ? undefined : queueWire(queue),
    trigger: triggerOf(timing),
    timeZone: timing.zone,
    start: toIso(timing.startAt),
    end: timing.endAt === undefined ? undefined : toIso(timing.endAt),
  };
}
