import { Readable } from 'node:stream';
import type { Action, Principal } from '../model/principal.ts';
import type { NewItem } from '../repository/item-writes.ts';
import type { Item } from '../repository/items.ts';
import type { Preconditions, Repository } from '../repository/repository.ts';
import { parseRepositoryPath } from '../repository/safe-path.ts';
import type { JobRef } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Jobs } from './jobs.ts';

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
  put(
    principal: Principal,
    path: string,
    item: NewItem,
    options: Preconditions & { maxBytes: number },
  ): Promise<{ path: string; created: boolean }>;
  /** Removes an item, a folder with all below it. @throws forbidden when the caller may not write all of it */
  remove(principal: Principal, path: string): Promise<void>;
  /** Stores the definition that a job has as a workflow. */
  putJob(principal: Principal, path: string, job: JobRef): Promise<{ path: string; created: boolean }>;
  move(principal: Principal, from: string, to: string): Promise<{ created: boolean }>;
  copy(principal: Principal, from: string, to: string): Promise<{ created: boolean }>;
}

export function createItems(parts: {
  repository: Repository;
  access: Access;
  audit: Audit;
  jobs: Pick<Jobs, 'latest' | 'definition'>;
}): Items {
  const { repository, access, audit, jobs } = parts;

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

  /** An item all of which the caller may change. */
  const changeable = async (principal: Principal, text: string): Promise<Item> => {
    const item = await get(principal, text);
    const whole = await repository.items.get(item.path, Number.POSITIVE_INFINITY);
    const check = ({ path, children }: Item): void => {
      access.requirePath(principal, 'write', path);
      for (const child of children ?? []) check(child);
    };
    check(whole);
    return item;
  };

  const put: Items['put'] = async (principal, text, item, options) => {
    const path = parseRepositoryPath(text);
    access.requirePath(principal, 'write', path);
    // An archive may reach places deeper down that have rights of their own.
    const check = (below: string) => access.requirePath(principal, 'write', below);
    const done = await repository.items.put(path, item, { ...options, check });
    await audit(principal, done.created ? 'item.create' : 'item.update', done.path);
    return done;
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
      const { source, runtime } = await jobs.definition(await jobs.latest(principal, ref));
      const suffix = repository.suffixOf(runtime);
      const content = Readable.from([Buffer.from(source)]);
      return put(principal, path, { as: 'definition', suffix, content }, { maxBytes: source.length * 4 });
    },
    async remove(principal, text) {
      const item = await changeable(principal, text);
      await repository.items.remove(item);
      await audit(principal, `${item.kind}.delete`, item.path);
    },
    async move(principal, from, to) {
      const item = await changeable(principal, from);
      access.requirePath(principal, 'write', parseRepositoryPath(to));
      const done = await repository.items.move(item, to);
      await audit(principal, `${item.kind}.move`, item.path, `to ${parseRepositoryPath(to)}`);
      return done;
    },
    async copy(principal, from, to) {
      const item = await get(principal, from);
      access.requirePath(principal, 'write', parseRepositoryPath(to));
      const done = await repository.items.copy(item, to, (path) => access.mayPath(principal, 'read', path));
      await audit(principal, `${item.kind}.copy`, item.path, `to ${parseRepositoryPath(to)}`);
      return done;
    },
  };
}
