import type { DialectContext } from '../../../dialect.ts';
import { fail, isMillraceError } from '../../../model/errors.ts';
import type { Principal } from '../../../model/principal.ts';
import type { StoredItem } from './refs.ts';

export const noItem = (path: string) => fail('not-found', `Item '${path}' does not exist.`);

/** An item the caller may see, `depth` levels of groups opened. Throws `not-found` in the words of its clients. */
export async function getItem(
  { engine }: Pick<DialectContext, 'engine'>,
  principal: Principal,
  path: string,
  depth = 0,
): Promise<StoredItem> {
  try {
    return await engine.items.get(principal, path, depth);
  } catch (error) {
    if (isMillraceError(error) && error.code === 'not-found') throw noItem(path);
    throw error;
  }
}

/** A workflow the caller may see. Throws `not-found`, and `invalid-input` for an item of another type. */
export async function getWorkflowItem(
  context: Pick<DialectContext, 'engine'>,
  principal: Principal,
  path: string,
): Promise<StoredItem & { workflow: NonNullable<StoredItem['workflow']> }> {
  const item = await getItem(context, principal, path);
  const { workflow } = item;
  if (workflow === undefined) throw fail('invalid-input', `Item '${path}' is not a workflow.`);
  return { ...item, workflow };
}
