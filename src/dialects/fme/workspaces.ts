import type { DialectContext } from '../../dialect.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { Workflow } from '../../model/workflow.ts';
import { messages } from './messages.ts';
import { folderOf, pathOf, type WorkspaceName } from './names.ts';

/** A workspace the caller may see. Throws `not-found` with one text for its repository and another for itself. */
export async function findWorkspace(
  { engine }: DialectContext,
  principal: Principal,
  name: WorkspaceName,
): Promise<Workflow> {
  const path = pathOf(name);
  if (path !== undefined) {
    const found = await missing(() => engine.workflows.get(principal, path));
    if (found !== undefined) return found;
  }
  await findRepository({ engine }, principal, name.repository);
  throw fail('not-found', messages.noItem(name.workspace));
}

/** Deletes a workspace. Throws `not-found` in their words. */
export async function removeWorkspace(
  context: DialectContext,
  principal: Principal,
  name: WorkspaceName,
): Promise<void> {
  const { path } = await findWorkspace(context, principal, name);
  await context.engine.workflows.remove(principal, path, {});
}

/** The folder of a repository the caller may see. Throws `not-found`. */
export async function findRepository(
  { engine }: Pick<DialectContext, 'engine'>,
  principal: Principal,
  repository: string,
): Promise<string> {
  const folder = folderOf(repository);
  const found = folder === undefined ? undefined : await missing(() => engine.workflows.folder(principal, folder));
  if (found === undefined) throw fail('not-found', messages.hiddenOrMissing(principal.name));
  return found;
}

/** Undefined for what is not there, may not be seen, or has a name that nothing can have. */
async function missing<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (isMillraceError(error) && (error.code === 'not-found' || error.code === 'invalid-path')) return undefined;
    throw error;
  }
}
