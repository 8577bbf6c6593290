import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { Schedule } from '../../model/schedule.ts';
import { flag, single } from './fields.ts';
import { matches } from './filters.ts';
import { messages } from './messages.ts';
import { nameOf, pathOf } from './names.ts';
import { scheduleName } from './schedule-wire.ts';

/** What a list of schedules may be narrowed to. */
export const scheduleFilters = {
  filterString: single('Part of name, category, description or owner.', 'morning'),
  name: single('Name of the schedule.', 'Every morning'),
  category: single('Category of the schedules.', 'Reports'),
  enabled: flag('Only those that are, or are not.'),
  repository: single('Name of a repository.', 'Tutorials'),
  workspace: single('Name of a workspace.', '10seconds.fmw'),
};
const _query = z.object(scheduleFilters);

/** All the caller may see, oldest first. */
export async function listSchedules(
  { engine }: DialectContext,
  principal: Principal,
  asked: z.output<typeof _query>,
): Promise<Schedule[]> {
  const { filterString, name, category, enabled, repository, workspace } = asked;
  const fits = (schedule: Schedule): boolean => {
    const own = scheduleName(schedule);
    const place = nameOf(schedule.workflow);
    // The ending may be left out.
    const wanted = workspace === undefined ? place : { ...place, workspace };
    return (
      matches(filterString, own.name, own.category, schedule.description, schedule.owner) &&
      (name === undefined || own.name === name) &&
      (category === undefined || own.category === category) &&
      (enabled === undefined || schedule.enabled === enabled) &&
      (repository === undefined || place.repository === repository) &&
      pathOf(wanted) === schedule.workflow
    );
  };
  return (await engine.schedules.list(principal)).filter(fits);
}

/** One by its id. Throws `not-found` in their words, which tell as little of one that may not be seen. */
export const findSchedule = (context: DialectContext, principal: Principal, id: string): Promise<Schedule> =>
  knownSchedule(principal, () => context.engine.schedules.get(principal, id.toLowerCase()));

/** What `ask` answers of a schedule; one that is not there is told in their words. */
export async function knownSchedule<T>(principal: Principal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isMillraceError(error) && error.code === 'not-found') {
      throw fail('not-found', messages.hiddenOrMissing(principal.name));
    }
    throw error;
  }
}

/** The oldest with a name. Throws `not-found`. */
export async function findNamedSchedule(
  context: DialectContext,
  principal: Principal,
  named: { category: string; name: string },
): Promise<Schedule> {
  const [found] = await listSchedules(context, principal, named);
  if (found === undefined) throw fail('not-found', messages.noSchedule(named.category, named.name));
  return found;
}
