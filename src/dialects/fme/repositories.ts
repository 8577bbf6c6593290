import type { DialectContext } from '../../dialect.ts';
import type { FolderView } from '../../engine/folders.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import { fieldError } from './bean-validation.ts';
import { matches } from './filters.ts';
import { messages } from './messages.ts';
import { folderOf, repositoryOf } from './names.ts';
import { asRefusal } from './refusals.ts';
import { findRepository } from './workspaces.ts';

/** The repositories a caller may see, by name; the root is one when something lies in it. */
export async function listRepositories(
  { engine }: DialectContext,
  principal: Principal,
  filter: string | undefined,
): Promise<FolderView[]> {
  const folders = await engine.folders.list(principal);
  return folders.filter(({ path, workflows, files, description, author }) => {
    if (path === '/' && workflows === 0 && files.length === 0) return false;
    return matches(filter, repositoryOf(path), description, author);
  });
}

/** One that the caller may see. Throws `not-found`. */
export async function getRepository(context: DialectContext, principal: Principal, name: string): Promise<FolderView> {
  return context.engine.folders.get(principal, await findRepository(context, principal, name));
}

/** Makes one. Throws `exists`, or `invalid-input` for a name that no folder can have. */
export async function makeRepository(
  { engine }: DialectContext,
  principal: Principal,
  { name, description }: { name: string; description?: string | undefined },
): Promise<FolderView> {
  const folder = folderOf(name);
  if (folder === undefined) throw fieldError('name', 'must be names joined with /, none of them empty');
  try {
    await engine.folders.make(principal, folder, description === undefined ? {} : { description });
    return await engine.folders.get(principal, folder);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    if (error.code === 'exists') throw fail('exists', messages.repositoryTaken(name));
    if (error.code === 'invalid-path') throw fieldError('name', error.message);
    if (error.code === 'not-found') throw fail('not-found', messages.hiddenOrMissing(principal.name));
    throw error;
  }
}

/** Deletes one with all workspaces and files in it. Throws `not-found`; 422 when it holds other repositories. */
export async function deleteRepository(context: DialectContext, principal: Principal, name: string): Promise<void> {
  const folder = await findRepository(context, principal, name);
  try {
    if (folder === '/') throw fail('conflict', `The repository ${name} always exists.`);
    await context.engine.folders.remove(principal, folder, { files: true });
  } catch (error) {
    throw asRefusal(error);
  }
}
