import { choices } from './choices.ts';

/** How a workflow is called there: the folder it lies in, and its own name with their ending. */
export interface WorkspaceName {
  repository: string;
  workspace: string;
}

/** `/A/B/name` is the workspace `name.fmw` of the repository `A/B`. */
export function nameOf(path: string): WorkspaceName {
  const slash = path.lastIndexOf('/');
  return {
    repository: repositoryOf(path.slice(0, slash)),
    workspace: `${path.slice(slash + 1)}${choices.workspaceSuffix}`,
  };
}

/** The repository a folder is; `''` and `/` are the root. */
export const repositoryOf = (folder: string): string =>
  folder === '' || folder === '/' ? choices.rootRepository : folder.replace(/^\//, '');

/** The folder a repository is; undefined for a name none can have. */
export function folderOf(repository: string): string | undefined {
  if (repository === choices.rootRepository) return '/';
  const names = repository.split('/');
  return names.some((name) => name === '') ? undefined : `/${repository}`;
}

/** The path of a workspace, whose ending may be left out; undefined for names none can have. */
export function pathOf({ repository, workspace }: WorkspaceName): string | undefined {
  const folder = folderOf(repository);
  const { workspaceSuffix } = choices;
  const name = workspace.endsWith(workspaceSuffix) ? workspace.slice(0, -workspaceSuffix.length) : workspace;
  if (folder === undefined || name === '' || name.includes('/')) return undefined;
  return `${folder === '/' ? '' : folder}/${name}`;
}

/**
 * The workspace the rest of an address names: everything but its last part is the repository, whose slashes may be
 * encoded or not.
 */
export function workspaceIn(path: string): WorkspaceName {
  const slash = path.lastIndexOf('/');
  return { repository: path.slice(0, Math.max(0, slash)), workspace: path.slice(slash + 1) };
}
