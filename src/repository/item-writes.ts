import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { atMost, wholeOf } from '../model/byte-stream.ts';
import { fail } from '../model/errors.ts';
import type { Workflow } from '../model/workflow.ts';
import { type ArchiveEntry, readArchive, withoutRoot } from './archive.ts';
import type { Folder } from './folder.ts';
import type { Item, ItemReads } from './items.ts';
import type { Preconditions } from './precondition.ts';
import { maxDefinitionBytes } from './read-definition.ts';
import { isBelow, nameOf, parentOf, parseRepositoryPath, type RepositoryPath, rebase, rootPath } from './safe-path.ts';
import { parseWritablePath, type Suffixes } from './suffixes.ts';
import type { Sync } from './sync.ts';
import type { UploadEntry, Uploaded, UploadOptions } from './uploads.ts';
import type { Writes } from './writes.ts';

/** What is to be put at a path. */
export type NewItem =
  /** Bytes of a definition, whose suffix chooses the runtime; `''`: that of the workflow there. */
  | { as: 'definition'; suffix: string; content: AsyncIterable<Uint8Array> }
  /** A ZIP archive with one definition, in one folder at its root or bare. */
  | { as: 'workflow archive'; content: AsyncIterable<Uint8Array> }
  /** A ZIP archive whose files go into the folder, in place of those that are there. */
  | { as: 'folder archive'; content: AsyncIterable<Uint8Array> }
  | { as: 'file'; content: AsyncIterable<Uint8Array> };

export interface PutItemOptions extends Preconditions {
  /** Of the body as it comes. */
  maxBytes: number;
  /** Asked for each path that is not the one named, before anything is stored there; throws to refuse it. */
  check?: (path: string) => void;
}

/** What a put left at a path. */
export interface PutItem {
  created: boolean;
  /** Those whose definitions were put. */
  workflows: Workflow[];
}

/** Changing items of any kind. Each change runs alone; bodies are written aside before. */
export interface ItemWrites {
  /**
   * Puts something at a path whose folder must be there. What is there is replaced, if it is of the same kind. A file
   * whose ending is that of a definition is one; the path that comes back is that of its workflow.
   * @throws not-found, conflict, invalid-input, invalid-path, invalid-definition, too-large, precondition-failed
   */
  put(path: string, item: NewItem, options: PutItemOptions): Promise<PutItem & { path: RepositoryPath }>;
  /** Removes an item, a folder with all below it. @throws not-found */
  remove(item: Item): Promise<void>;
  /** @throws exists, conflict */
  move(item: Item, to: string): Promise<{ created: boolean }>;
  /** @param visible says what of a folder goes along. @throws exists, conflict */
  copy(item: Item, to: string, visible: (path: string) => boolean): Promise<{ created: boolean }>;
}

export interface ItemWriteParts {
  folder: Folder;
  suffixes: Suffixes;
  sync: Sync;
  reads: ItemReads;
  writes: Writes;
  putFiles(path: string, files: readonly UploadEntry[], options: UploadOptions): Promise<Uploaded>;
  serial<T>(task: () => Promise<T>): Promise<T>;
}

export function createItemWrites(parts: ItemWriteParts): ItemWrites {
  const { folder, suffixes, sync, reads, writes, putFiles, serial } = parts;

  const aside = (ending: 'tmp' | 'upload'): RepositoryPath =>
    parseRepositoryPath(`.millrace-${randomBytes(9).toString('base64url')}.${ending}`);

  /** Writes a body to a file of its own, hands it over, and removes what is left of it. */
  const spooled = async <T>(
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
    use: (file: RepositoryPath) => Promise<T>,
  ): Promise<T> => {
    const file = aside('tmp');
    try {
      await folder.write(file, content, { maxBytes });
      return await use(file);
    } finally {
      if (await folder.stat(file)) await folder.remove(file);
    }
  };

  const requireFolder = async (path: RepositoryPath): Promise<void> => {
    if ((await folder.stat(path))?.kind !== 'folder') throw fail('not-found', `There is no folder ${path}.`);
  };

  /** What is at the target of a change: nothing, or something of that kind. */
  const target = async (path: RepositoryPath, kind: Item['kind']): Promise<Item | undefined> => {
    await requireFolder(parentOf(path));
    const there = await reads.find(path);
    if (there !== undefined && there.kind !== kind)
      throw fail('conflict', `${path} is a ${there.kind}, not a ${kind}.`);
    return there;
  };

  const putDefinition = async (
    path: RepositoryPath,
    suffix: string,
    bytes: Uint8Array,
    conditions: Preconditions,
  ): Promise<PutItem> =>
    serial(async () => {
      const there = await target(path, 'workflow');
      const asked = conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined;
      const { workflow, created } = await writes.put(path, bytes, {
        ...conditions,
        ...(there !== undefined && asked ? { ifMatch: '*' } : {}),
        suffix: suffix === '' ? undefined : suffix,
      });
      return { created, workflows: [workflow] };
    });

  /** Hands over what an archive holds, without the one folder that may be around it. */
  const unpacked = <T>(
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
    use: (entries: ArchiveEntry[]) => Promise<T>,
  ): Promise<T> =>
    spooled(content, maxBytes, async (file) => {
      const archive = await readArchive({ file: join(folder.root, file) });
      try {
        return await use(withoutRoot(archive.entries));
      } finally {
        archive.close();
      }
    });

  const putWorkflowArchive = (
    path: RepositoryPath,
    content: AsyncIterable<Uint8Array>,
    options: PutItemOptions,
  ): Promise<PutItem> =>
    unpacked(content, options.maxBytes, async (entries) => {
      const { entry, suffix } = definitionIn(entries, suffixes);
      return putDefinition(path, suffix, await wholeOf(entry.read()), options);
    });

  const putFile = (path: RepositoryPath, content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<PutItem> =>
    spooled(content, maxBytes, (file) =>
      serial(async () => {
        const there = await target(path, 'file');
        await folder.move(file, path, { overwrite: true });
        await sync.refresh(path);
        return { created: there === undefined, workflows: [] };
      }),
    );

  const putFolder = (
    path: RepositoryPath,
    content: AsyncIterable<Uint8Array>,
    { maxBytes, check }: PutItemOptions,
  ): Promise<PutItem> =>
    unpacked(content, maxBytes, (entries) =>
      serial(async () => {
        const there = path === rootPath ? rootPath : await target(path, 'folder');
        const { workflows } = await putFiles(path, entries, { overwrite: true, ...(check && { check }) });
        if (there === undefined && (await folder.makeFolder(path))) await sync.refresh(path);
        return { created: there === undefined, workflows };
      }),
    );

  const copyFolder = async (item: Item, to: RepositoryPath, visible: (path: string) => boolean): Promise<void> => {
    const staging = aside('upload');
    const copyAll = async (from: RepositoryPath): Promise<void> => {
      const place = rebase(from, item.path, staging);
      await folder.makeFolder(place);
      for (const { path, kind, workflow } of (await reads.get(from, 1)).children ?? []) {
        if (!visible(path)) continue;
        if (kind === 'folder') await copyAll(path);
        else await copyFile(workflow ? parseRepositoryPath(workflow.file) : path, item.path, staging);
      }
    };
    try {
      await copyAll(item.path);
      await folder.move(staging, to);
      await sync.refresh(to);
    } finally {
      if (await folder.stat(staging)) await folder.removeFolder(staging);
    }
  };

  const copyFile = async (file: RepositoryPath, from: RepositoryPath, to: RepositoryPath): Promise<void> => {
    const { stream } = await folder.openRead(file);
    await folder.write(rebase(file, from, to), stream);
  };

  /** Refuses a place that would swallow the item itself, or has something of another kind. */
  const freePlace = async (item: Item, text: string): Promise<{ to: RepositoryPath; created: boolean }> => {
    const to = parseWritablePath(text);
    if (to === item.path || isBelow(to, item.path))
      throw fail('conflict', `${item.path} cannot be put into itself (${to}).`);
    if (item.kind === 'file' && suffixes.workflowOf(to))
      throw fail('invalid-input', `${to} ends like a definition; upload it as one, so that it is checked.`);
    const there = await target(to, item.kind);
    if (there?.kind === 'folder') throw fail('exists', `${to} exists already.`);
    return { to, created: there === undefined };
  };

  return {
    async put(text, item, options) {
      const path = item.as === 'folder archive' && text === '/' ? rootPath : parseWritablePath(text);
      // Before the body is read; it is looked at again when the change is made.
      await requireFolder(parentOf(path));
      const { content } = item;
      if (item.as === 'folder archive') return { path, ...(await putFolder(path, content, options)) };
      const named = suffixes.workflowOf(path);
      if (item.as === 'file' && !named) return { path, ...(await putFile(path, content, options.maxBytes)) };
      const at = named?.path ?? path;
      options.check?.(at);
      if (item.as === 'workflow archive') return { path: at, ...(await putWorkflowArchive(at, content, options)) };
      const suffix = named?.suffix ?? (item.as === 'definition' ? item.suffix : '');
      return { path: at, ...(await putDefinition(at, suffix, await collect(content, at), options)) };
    },

    remove: (item) =>
      serial(async () => {
        if (item.kind === 'workflow') await writes.remove(item.path, {});
        else if (item.kind === 'folder') await writes.removeFolder(item.path, { recursive: true });
        else {
          await folder.remove(item.path);
          await sync.refresh(item.path);
        }
      }),

    move: (item, text) =>
      serial(async () => {
        const { to, created } = await freePlace(item, text);
        if (item.kind === 'file') {
          await folder.move(item.path, to, { overwrite: true });
          await sync.refresh(item.path);
        } else await writes.move(item.path, to, { overwrite: !created });
        await sync.refresh(to);
        return { created };
      }),

    copy: (item, text, visible) =>
      serial(async () => {
        const { to, created } = await freePlace(item, text);
        if (item.kind === 'folder') await copyFolder(item, to, visible);
        else if (item.kind === 'file') {
          await copyFile(item.path, item.path, to);
          await sync.refresh(to);
        } else {
          const { suffix } = suffixes.workflowOf(parseRepositoryPath(item.workflow!.file))!;
          const bytes = await wholeOf(await reads.open(item));
          await writes.put(to, bytes, { suffix, ...(created ? {} : { ifMatch: '*' }) });
        }
        return { created };
      }),
  };
}

/** All bytes of a definition that comes as a stream. @throws too-large */
function collect(content: AsyncIterable<Uint8Array>, path: RepositoryPath): Promise<Buffer> {
  const tooLarge = () => fail('too-large', `The definition of ${path} has more than ${maxDefinitionBytes} bytes.`);
  return wholeOf(atMost(content, maxDefinitionBytes, tooLarge));
}

/** The one definition of a workflow's archive. What else lies in it would be lost, and is therefore refused. */
function definitionIn(entries: ArchiveEntry[], suffixes: Suffixes): { entry: ArchiveEntry; suffix: string } {
  const files = entries.filter(({ kind, path }) => kind === 'file' && !nameOf(path).startsWith('.'));
  const foreign = files.find(({ path }) => nameOf(path) === 'workflow.knime');
  const [entry, ...others] = files;
  const suffix = entry && suffixes.workflowOf(entry.path)?.suffix;
  if (entry === undefined || suffix === undefined || others.length > 0) {
    const found = files.slice(0, 5).map(({ path }) => path.slice(1));
    const why = foreign
      ? 'it holds a workflow of KNIME Analytics Platform (workflow.knime), for which there is no runtime here'
      : `it holds ${found.length === 0 ? 'no file' : found.join(', ')}${files.length > 5 ? ' and more' : ''}`;
    throw fail(
      'invalid-input',
      `The archive of a workflow has one file that ends in one of ${suffixes.all.join(', ')}; ${why}.`,
    );
  }
  if (entry.bytes > maxDefinitionBytes)
    throw fail('too-large', `${entry.path} has ${entry.bytes} bytes; a definition has at most ${maxDefinitionBytes}.`);
  return { entry, suffix };
}
