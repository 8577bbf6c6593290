import type { JobQuery } from '../../store.ts';

/** A list's conditions as SQL. */
export interface JobFilter {
  /** `INDEXED BY …`: the one index that gives the ids in order and leaves out the most. */
  index: string;
  /** ` AND …`, with named parameters. */
  where: string;
  values: Record<string, string | number>;
}

/** Conditions are chosen from the texts here; what the caller gave is only ever bound. */
export function jobFilter(query: JobQuery): JobFilter {
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
  if (query.owner !== undefined) add('owner = :owner', { owner: query.owner });
  if (query.queue !== undefined) add('queue = :queue', { queue: query.queue });
  if (query.businessKey !== undefined) add('business_key = :businessKey', { businessKey: query.businessKey });
  if (query.dialect !== undefined) add('dialect = :dialect', { dialect: query.dialect });
  if (query.parent !== undefined) add('parent_job = :parent', { parent: query.parent });
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
  return { index: indexFor(query, states), where: conditions.join(''), values };
}

// A partial index is only taken when its condition stands there literally.
const stateIs = (state: string): string =>
  state === 'failed' || state === 'cancelled'
    ? `state IN ('failed', 'cancelled') AND state = :state`
    : 'state = :state';

function indexFor(query: JobQuery, states: readonly string[]): string {
  if (query.businessKey !== undefined) return 'INDEXED BY jobs_by_key';
  if (states.length === 1 && (states[0] === 'failed' || states[0] === 'cancelled'))
    return 'INDEXED BY jobs_ended_badly';
  if (query.workflow !== undefined && !query.workflow.endsWith('/')) return 'INDEXED BY jobs_by_workflow';
  if (query.owner !== undefined) return 'INDEXED BY jobs_by_owner';
  return 'NOT INDEXED';
}
