import type { JobFilters } from '../../store.ts';

/** A list's conditions as SQL. */
export interface JobFilter {
  /** `INDEXED BY …`: the one index that gives the ids in order and leaves out the most. */
  index: string;
  /** The condition that index is for, among those of `where`; empty without an index. */
  key: string;
  /** ` AND …`, with named parameters. */
  where: string;
  values: Record<string, string | number>;
}

/** Conditions are chosen from the texts here; what the caller gave is only ever bound. */
export function jobFilter(query: JobFilters): JobFilter {
  const conditions: string[] = [];
  const values: JobFilter['values'] = {};
  const add = (condition: string, bound: JobFilter['values']): void => {
    conditions.push(` AND ${condition}`);
    Object.assign(values, bound);
  };

  const states = [...new Set(query.states)];
  if (states.length === 1) add(stateIs(states[0]!), { state: states[0]! });
  else if (states.length > 1)
    add('state IN (SELECT value FROM json_each(:states))', { states: JSON.stringify(states) });
  const folder = query.workflow?.endsWith('/');
  // Everything below `/A/` sorts from `/A/` up to `/A0`, the character after the slash.
  if (folder)
    add('workflow >= :folder AND workflow < :beyond', {
      folder: query.workflow!,
      beyond: `${query.workflow!.slice(0, -1)}0`,
    });
  else if (query.workflow !== undefined) add('workflow = :workflow', { workflow: query.workflow });
  if (folder && query.shallow) {
    add("instr(substr(workflow, :depth), '/') = 0", { depth: query.workflow!.length + 1 });
  }
  // A job that has not begun has no time of its begin.
  if (query.begun !== undefined) {
    add('(finished_at IS NOT NULL OR (started_at IS NOT NULL) = :begun)', { begun: query.begun ? 1 : 0 });
  }
  if (query.server !== undefined) {
    add("(lease_owner = :server OR substr(lease_owner, 1, length(:server) + 1) = :server || ':')", {
      server: query.server,
    });
  }
  if (query.owner !== undefined) add('owner = :owner', { owner: query.owner });
  if (query.queue !== undefined) add('queue = :queue', { queue: query.queue });
  if (query.businessKey !== undefined) add('business_key = :businessKey', { businessKey: query.businessKey });
  if (query.dialect !== undefined) add('dialect = :dialect', { dialect: query.dialect });
  if (query.parent !== undefined) add('parent_job = :parent', { parent: query.parent });
  if (query.latest) {
    add(
      'NOT EXISTS (SELECT 1 FROM jobs later WHERE later.series = coalesce(jobs.series, jobs.id) AND later.id > jobs.id)',
      {},
    );
  }
  if (query.createdFrom !== undefined) add('created_at >= :createdFrom', { createdFrom: query.createdFrom });
  if (query.createdTo !== undefined) add('created_at <= :createdTo', { createdTo: query.createdTo });
  if (query.label) {
    const { name, value } = query.label;
    // instr() throws out most rows before JSON is read.
    const test = value === undefined ? 'key = :label' : 'key = :label AND value = :labelValue';
    add(`instr(labels, :labelText) > 0 AND EXISTS (SELECT 1 FROM json_each(labels) WHERE ${test})`, {
      labelText: JSON.stringify(name),
      label: name,
      ...(value === undefined ? {} : { labelValue: value }),
    });
  }
  if (query.withoutLabel !== undefined) {
    add(
      '(instr(labels, :unlabelledText) = 0 OR NOT EXISTS (SELECT 1 FROM json_each(labels) WHERE key = :unlabelled))',
      { unlabelledText: JSON.stringify(query.withoutLabel), unlabelled: query.withoutLabel },
    );
  }
  return { ...indexFor(query, states), where: conditions.join(''), values };
}

// A partial index is only taken when its condition stands there literally.
const stateIs = (state: string): string =>
  state === 'failed' || state === 'cancelled'
    ? `state IN ('failed', 'cancelled') AND state = :state`
    : 'state = :state';

function indexFor(query: JobFilters, states: readonly string[]): Pick<JobFilter, 'index' | 'key'> {
  const by = (index: string, key: string) => ({ index: `INDEXED BY ${index}`, key });
  if (query.businessKey !== undefined) return by('jobs_by_key', 'business_key = :businessKey');
  if (states.length === 1 && (states[0] === 'failed' || states[0] === 'cancelled'))
    return by('jobs_ended_badly', stateIs(states[0]));
  if (query.workflow !== undefined && !query.workflow.endsWith('/'))
    return by('jobs_by_workflow', 'workflow = :workflow');
  if (query.owner !== undefined) return by('jobs_by_owner', 'owner = :owner');
  return { index: 'NOT INDEXED', key: '' };
}
