import type { DialectContext } from '../../dialect.ts';
import type { Principal } from '../../model/principal.ts';
import type { Workflow } from '../../model/workflow.ts';
import { matches } from './filters.ts';
import { nameOf } from './names.ts';
import { type Envelope, listed, type Window } from './paging.ts';
import type { Workspace } from './workspace-wire.ts';
import { findRepository, findWorkspace } from './workspaces.ts';

/** Workspaces of one repository, or of all; numbers are looked up for those on the page alone. */
export async function listWorkspaces(
  context: DialectContext,
  principal: Principal,
  { repository, filter, window }: { repository?: string | undefined; filter?: string | undefined; window: Window },
): Promise<Envelope<Workspace>> {
  const under = repository === undefined ? '/' : await findRepository(context, principal, repository);
  const everything = { under, deep: repository === undefined, limit: Number.POSITIVE_INFINITY };
  const { items } = await context.engine.workflows.list(principal, everything);
  const found = items.filter(({ path, current }) =>
    matches(filter, nameOf(path).workspace, current?.info.title, current?.info.description),
  );
  const { items: page, ...rest } = listed(found, window);
  return { items: await withFacts(context, principal, page), ...rest };
}

/** The items of a repository. All are workspaces; of other `types` there are none. */
export async function listItems(
  context: DialectContext,
  principal: Principal,
  { repository, types, window }: { repository: string; types: readonly string[] | undefined; window: Window },
): Promise<Envelope<Workspace>> {
  if (types === undefined || types.includes('workspace'))
    return listWorkspaces(context, principal, { repository, window });
  await findRepository(context, principal, repository);
  return listed([], window);
}

/** One workspace with all that is told of it. Throws `not-found` in their words. */
export async function getWorkspace(
  context: DialectContext,
  principal: Principal,
  name: { repository: string; workspace: string },
): Promise<Workspace> {
  return (await withFacts(context, principal, [await findWorkspace(context, principal, name)]))[0]!;
}

async function withFacts(
  { engine }: DialectContext,
  principal: Principal,
  workflows: readonly Workflow[],
): Promise<Workspace[]> {
  const records = await engine.workflows.records(workflows);
  const files = engine.folders.files(principal);
  return workflows.map((workflow) => ({
    workflow,
    record: records.get(workflow.path) ?? { runs: 0, elapsedMs: 0 },
    files: files.get(workflow.path.slice(0, workflow.path.lastIndexOf('/')) || '/') ?? [],
  }));
}
