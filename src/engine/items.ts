import { Readable } from 'node:stream';
import type { Action, Principal } from '../model/principal.ts';
import type { NewItem } from '../repository/item-writes.ts';
import type { Item } from '../repository/items.ts';
import type { Preconditions, Repository } from '../repository/repository.ts';
import { parseRepositoryPath, type RepositoryPath, rebase } from '../repository/safe-path.ts';
import type { JobRef } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Intake } from './intake.ts';
import type { Jobs } from './jobs.ts';
import type { Published } from './published.ts';

export type { NewItem } from '../repository/item-writes.ts';
export type { Item } from '../repository/items.ts';

/** Folders, workflows and plain files: what a caller may see of them, and do with them. */
export interface Items {
  /** An item with what lies in it, `depth` levels of folders deep; what the caller may not see is left out. @throws not-found */
  get(principal: Principal, path: string, depth?: number): Promise<Item>;
  /** The same, or undefined where there is nothing that the caller may see. */
  find(principal: Principal, path: string): Promise<Item | undefined>;
  may(principal: Principal, action: Action, path: string): boolean;
  /** The bytes of a file. */
  open(principal: Principal, item: Item, range?: { start: number; end: number }): Promise<Readable>;
  /** A folder or workflow as a ZIP archive, without what the caller may not see; `level` of packing from 0 to 9. */
  archive(principal: Principal, item: Item, level: number): Promise<Readable>;
  /** Puts something at a path, as `ItemWrites.put` says. @throws forbidden, disk-full too */
  put(
    principal: Principal,
    path: string,
    item: NewItem,
    options: Preconditions & { maxBytes: number },
  ): Promise<{ path: string; created: boolean }>;
  /** Removes an item, a folder with all below it. @throws forbidden when the caller may not write all of it */
  remove(principal: Principal, path: string): Promise<void>;
  /** Stores the definition that a job has as a workflow; needs the right to read that of the job. */
  putJob(principal: Principal, path: string, job: JobRef): Promise<{ path: string; created: boolean }>;
  /** Needs the right to write all of it, here and there. @throws forbidden, exists, conflict */
  move(principal: Principal, from: string, to: string): Promise<{ created: boolean }>;
  /** Without what the caller may not see; needs the right to write all that comes there. @throws forbidden, exists, conflict */
  copy(principal: Principal, from: string, to: string): Promise<{ created: boolean }>;
}

export function createItems(parts: {
  repository: Repository;
  access: Access;
  audit: Audit;
  intake: Pick<Intake, 'checkRoom' | 'whileThereIsRoom'>;
  published: Published;
  jobs: Pick<Jobs, 'latest' | 'definition'>;
}): Items {
  const { repository, access, audit, intake, published, jobs } = parts;

  /** What the caller may see of what lies in a folder. */
  const prune = (principal: Principal, item: Item): Item => {
    if (item.children === undefined) return item;
    const children = item.children
      .filter(({ path }) => access.mayPath(principal, 'read', path))
      .map((child) => prune(principal, child));
    return { ...item, children };
  };

  /** Everybody sees that there is a root; what lies in it is another matter. */
  const requireRead = (principal: Principal, path: string): void => {
    if (path !== '/') access.requirePath(principal, 'read', path);
  };

  const get: Items['get'] = async (principal, text, depth = 0) => {
    const path = parseRepositoryPath(text);
    requireRead(principal, path);
    const item = await repository.items.get(path, depth);
    // The path of a workflow is not that of its file.
    requireRead(principal, item.path);
    return prune(principal, item);
  };

  /** The paths of an item and of all below it. */
  const pathsOf = ({ path, children = [] }: Item): RepositoryPath[] => [path, ...children.flatMap(pathsOf)];
  const requireWrite = (principal: Principal, paths: readonly RepositoryPath[]): void => {
    for (const path of paths) access.requirePath(principal, 'write', path);
  };

  /** An item all of which the caller may change, with all below it. */
  const changeable = async (principal: Principal, text: string): Promise<Item> => {
    const { path } = await get(principal, text);
    const whole = await repository.items.get(path, Number.POSITIVE_INFINITY);
    requireWrite(principal, pathsOf(whole));
    return whole;
  };

  /** A place where the caller may put all of an item: deeper down there may be rights of their own. */
  const placeFor = (principal: Principal, item: Item, text: string): RepositoryPath => {
    const to = parseRepositoryPath(text);
    requireWrite(
      principal,
      pathsOf(item).map((path) => rebase(path, item.path, to)),
    );
    return to;
  };

  /** Notes who put what is at a path now; of a folder all below it. */
  const note = async (principal: Principal, kind: Item['kind'], path: RepositoryPath): Promise<void> => {
    if (kind === 'folder') {
      await published.noteAll(principal, [{ kind, path }, ...repository.list({ under: path, deep: true })]);
    } else {
      const workflow = repository.find(path);
      if (workflow) await published.note(principal, workflow);
    }
  };

  const put: Items['put'] = async (principal, text, item, options) => {
    const path = parseRepositoryPath(text);
    access.requirePath(principal, 'write', path);
    // An archive may reach places deeper down that have rights of their own.
    const check = (below: string) => access.requirePath(principal, 'write', below);
    intake.checkRoom();
    const content = intake.whileThereIsRoom(item.content);
    const done = await repository.items.put(path, { ...item, content }, { ...options, check });
    if (item.as === 'folder archive' && done.created) await note(principal, 'folder', done.path);
    else for (const workflow of done.workflows) await published.note(principal, workflow);
    await audit(principal, done.created ? 'item.create' : 'item.update', done.path);
    return { path: done.path, created: done.created };
  };

  return {
    get,
    async find(principal, text) {
      const item = await repository.items.find(text);
      if (item === undefined) return undefined;
      return item.path === '/' || access.mayPath(principal, 'read', item.path) ? item : undefined;
    },
    may: access.mayPath,
    async open(principal, item, range) {
      requireRead(principal, item.path);
      return repository.items.open(item, range);
    },
    async archive(principal, item, level) {
      requireRead(principal, item.path);
      return repository.items.archive(item, level, (path) => access.mayPath(principal, 'read', path));
    },
    put,
    async putJob(principal, path, ref) {
      const job = await jobs.latest(principal, ref);
      // Who may see a job of somebody else need not know what it runs.
      access.requirePath(principal, 'read', job.workflow);
      const { source, runtime } = await jobs.definition(job);
      const suffix = repository.suffixOf(runtime);
      const content = Readable.from([Buffer.from(source)]);
      return put(principal, path, { as: 'definition', suffix, content }, { maxBytes: source.length * 4 });
    },
    async remove(principal, text) {
      const item = await changeable(principal, text);
      await repository.items.remove(item);
      if (item.kind === 'folder') await published.forgetFolder(item.path);
      else if (item.kind === 'workflow') await published.forget(item.path);
      await audit(principal, `${item.kind}.delete`, item.path);
    },
    async move(principal, from, to) {
      const item = await changeable(principal, from);
      const place = placeFor(principal, item, to);
      const done = await repository.items.move(item, place);
      if (item.kind === 'folder') await published.moveFolder(item.path, place);
      else if (item.kind === 'workflow') await published.move(item.path, place);
      await audit(principal, `${item.kind}.move`, item.path, `to ${place}`);
      return done;
    },
    async copy(principal, from, to) {
      const item = await get(principal, from, Number.POSITIVE_INFINITY);
      const place = placeFor(principal, item, to);
      intake.checkRoom();
      const done = await repository.items.copy(item, place, (path) => access.mayPath(principal, 'read', path));
      await note(principal, item.kind, place);
      await audit(principal, `${item.kind}.copy`, item.path, `to ${place}`);
      return done;
    },
  };
}
