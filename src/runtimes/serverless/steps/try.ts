import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { type At, fields, integer, string } from '../check.ts';
import { asData, isCatchable, matches } from '../errors.ts';
import { type Condition, emptyList, type Frame, type Result, type Shape, type TaskList } from '../model.ts';
import { compileRetry, type RetryPlan } from '../retry.ts';
import type { Site, TaskKind } from '../site.ts';
import { limited } from '../timeouts.ts';
import { variableName } from './names.ts';

/** What to do with an error. */
interface Catch {
  as: string;
  filter?: Shape;
  when?: Condition;
  exceptWhen?: Condition;
  retry?: RetryPlan;
  list?: TaskList;
  next?: string;
}

/**
 * `try`: tasks whose errors may be caught. A caught error is retried as long as the policy allows; then `catch.do` runs
 * in place of the failed tasks. Without `catch.do`, an error that was not retried is passed over (the input goes on),
 * and one whose retries are used up leaves the task.
 */
export const tryTask: TaskKind = {
  key: 'try',
  properties: ['try', 'catch'],
  compile(at, site) {
    const read = fields(at, { what: 'the "try" task', required: ['catch'] })!;
    const list = site.list(read.get('try')!, '"try"');
    const place = read.get('catch');
    const handling: Catch = place ? compileCatch(place, site) : { as: 'error' };
    return { type: 'try', body: (frame) => attempts(list, handling, frame, site) };
  },
};

function compileCatch(at: At, outer: Site): Catch {
  const known = ['errors', 'as', 'when', 'exceptWhen', 'retry', 'do', 'then'];
  const read = fields(at, { what: '"catch"', known });
  const as = variableName(read?.get('as'), 'catch.as', 'error');
  const site = outer.within([as]);
  const errors = read?.get('errors');
  const filter = errors && fields(errors, { what: 'catch.errors', known: ['with'] })?.get('with');
  const when = read?.get('when');
  const exceptWhen = read?.get('exceptWhen');
  const retry = read?.get('retry');
  const list = read?.get('do');
  const then = string(read?.get('then'), 'catch.then');
  return {
    as,
    ...(filter ? { filter: compileFilter(filter, site) } : {}),
    ...(when ? { when: site.condition(when, 'catch.when') } : {}),
    ...(exceptWhen ? { exceptWhen: site.condition(exceptWhen, 'catch.exceptWhen') } : {}),
    ...(retry ? { retry: compileRetry(retry, site) } : {}),
    ...(list ? { list: site.list(list, 'catch.do') } : {}),
    ...(then === undefined ? {} : { next: then }),
  };
}

/** The texts of the DSL spell the member for the detail in two ways. */
function compileFilter(at: At, site: Site): Shape {
  const texts = ['type', 'instance', 'title', 'detail', 'details'];
  const read = fields(at, { what: 'catch.errors.with', known: [...texts, 'status'] });
  for (const name of texts) string(read?.get(name), `catch.errors.with.${name}`);
  integer(read?.get('status'), 'catch.errors.with.status');
  if (isJsonObject(at.value) && Object.keys(at.value).length === 0) {
    at.check.issue(
      at.pointer,
      'catch.errors.with needs at least one of "type", "status", "instance", "title" or "detail".',
    );
  }
  return site.template(at);
}

async function attempts(list: TaskList, handling: Catch, frame: Frame, site: Site): Promise<Result> {
  const begun = frame.context.now();
  for (let retries = 0; ; retries++) {
    const key = retries === 0 ? frame.key : `${frame.key}#retry${retries}`;
    try {
      return await attempt(list, handling, frame, site, key);
    } catch (error) {
      // An end from outside (cancel, time limit, a lost race) is nobody's to catch.
      if (frame.context.signal().aborted || !isCatchable(error)) throw error;
      const data = asData(error);
      const inner = { ...frame, variables: { ...frame.variables, [handling.as]: data } };
      if (!catches(handling, inner, data)) throw error;
      const delay = handling.retry?.delay(inner, frame.input, retries + 1, frame.context.now() - begun);
      if (delay === undefined) return handled(handling, inner, site, error);
      await pause(frame, retries + 1, delay);
    }
  }
}

function attempt(list: TaskList, { retry }: Catch, frame: Frame, site: Site, key: string): Promise<Result> {
  const body = (inner: Frame) => site.runList(list, inner, frame.input, `${key}/try`);
  const limit = retry?.attemptLimit?.(frame, frame.input);
  if (limit === undefined) return body(frame);
  return limited(frame, { key, name: frame.task!.task.name, ms: limit, what: 'The attempt' }, body);
}

function catches({ filter, when, exceptWhen }: Catch, frame: Frame, error: JsonObject): boolean {
  const wanted: Json = filter ? filter(frame, frame.input) : {};
  if (!isJsonObject(wanted) || !matches(wanted, error)) return false;
  if (when && !when(frame, frame.input)) return false;
  return !exceptWhen?.(frame, frame.input);
}

async function handled({ list, retry, next }: Catch, frame: Frame, site: Site, error: unknown): Promise<Result> {
  if (!list && retry) throw error;
  const result = await site.runList(list ?? emptyList, frame, frame.input, `${frame.key}/catch/do`);
  return { output: result.output, next, ...(result.ended ? { ended: true } : {}) };
}

async function pause(frame: Frame, number: number, delayMs: number): Promise<void> {
  const { name } = frame.task!.task;
  const wakeAt = frame.context.now() + delayMs;
  await frame.context.wait(`${frame.key}#retry${number}`, { name, type: 'retry' }, { kind: 'timer', wakeAt });
}
