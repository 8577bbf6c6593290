import { fail } from '../model/errors.ts';
import type { Workflow } from '../model/workflow.ts';
import type { Entry } from './catalogue.ts';
import { checkPreconditions, type Preconditions } from './precondition.ts';
import { fieldErrorOf, hashOf, maxDefinitionBytes, readDefinition } from './read-definition.ts';
import { isBelow, parseRepositoryPath, type RepositoryPath, rebase } from './safe-path.ts';
import { parseWritablePath } from './suffixes.ts';
import type { UploadParts } from './uploads.ts';

export interface PutOptions extends Preconditions {
  /** Chooses the runtime; needed for a new workflow, and replaces the file when it differs from the one there. */
  suffix?: string | undefined;
}

export interface WriteParts extends UploadParts {
  notFound(path: string): Error;
}

/** The changes that can be asked for; each runs alone (`Serial`), and the catalogue has it before it is answered. */
export function createWrites({ folder, suffixes, versions, catalogue, sync, log, maxFiles, notFound }: WriteParts) {
  /** What serves at a path, as the disk has it now: a change the watcher has not told of yet must not be overwritten. */
  const fresh = async (path: RepositoryPath): Promise<Entry | undefined> => {
    const known = catalogue.at(path)?.file;
    const files = new Set(suffixes.all.map((suffix) => parseRepositoryPath(`${path}${suffix}`)));
    if (known) files.add(known);
    for (const file of files) await sync.refresh(file);
    return catalogue.at(path);
  };

  const put = async (
    path: RepositoryPath,
    source: string | Uint8Array,
    options: PutOptions,
  ): Promise<{ workflow: Workflow; created: boolean }> => {
    const existing = await fresh(path);
    checkPreconditions(path, existing?.hash, options, true);
    const suffix = (options.suffix ?? (existing && suffixes.workflowOf(existing.file)?.suffix) ?? '').toLowerCase();
    const runtime = suffixes.runtimeOf(suffix);
    const keepsFile = existing !== undefined && suffixes.workflowOf(existing.file)?.suffix === suffix;
    const file = keepsFile ? existing.file : parseRepositoryPath(`${path}${suffix}`);
    const bytes = typeof source === 'string' ? Buffer.from(source) : source;
    if (bytes.length > maxDefinitionBytes)
      throw fail('too-large', `The definition has ${bytes.length} bytes; at most ${maxDefinitionBytes} are accepted.`);
    if (!existing && catalogue.size() >= maxFiles)
      throw fail('too-large', `The repository holds ${maxFiles} workflows, which is its limit; remove some first.`);
    const hash = hashOf(bytes);
    const reading = readDefinition(bytes, hash, file, runtime, log);
    if (!reading.version) {
      const errors = reading.issues.map(fieldErrorOf);
      throw fail('invalid-definition', { detail: `The definition of ${path} has errors; it was not stored.`, errors });
    }
    // Before the file: a version nobody names is harmless, a file whose version is missing could not be run.
    await versions.save(reading.version);
    const facts = await folder.write(file, bytes);
    if (existing && existing.file !== file) {
      await folder.remove(existing.file);
      await sync.forget(existing.file);
    }
    const entry = await sync.accept(file, hash, reading, facts);
    return { workflow: catalogue.workflow(entry), created: existing === undefined };
  };

  const remove = async (path: RepositoryPath, conditions: Preconditions): Promise<void> => {
    const existing = await fresh(path);
    if (!existing) throw notFound(path);
    checkPreconditions(path, existing.hash, conditions, false);
    await folder.remove(existing.file);
    await sync.forget(existing.file);
  };

  const moveWorkflow = async (
    existing: Entry,
    to: RepositoryPath,
    options: Preconditions & { overwrite?: boolean },
  ): Promise<void> => {
    checkPreconditions(existing.path, existing.hash, options, false);
    const target = await fresh(to);
    if (target && !options.overwrite) throw fail('exists', `${to} exists already.`);
    const { suffix, runtime } = suffixes.workflowOf(existing.file)!;
    const file = parseRepositoryPath(`${to}${suffix}`);
    await folder.move(existing.file, file, { overwrite: options.overwrite ?? false });
    if (target && target.file !== file) await folder.remove(target.file);
    if (target) await sync.forget(target.file);
    await sync.forget(existing.file);
    // A broken file keeps its last good version under the new name.
    if (existing.current && existing.current.runtime === runtime.name)
      await versions.setCurrent(to, existing.current.hash);
    await sync.refresh(file);
  };

  const moveFolder = async (from: RepositoryPath, to: RepositoryPath): Promise<void> => {
    const entries = catalogue.files(from).map((file) => catalogue.entry(file)!);
    if (isBelow(to, from) || to === from) throw fail('conflict', `${from} cannot be moved into itself (${to}).`);
    if (await folder.stat(to)) throw fail('exists', `${to} exists already.`);
    // Every new path must be one before anything moves.
    const moved = entries.map((entry) => ({
      ...entry,
      file: rebase(entry.file, from, to),
      path: rebase(entry.path, from, to),
    }));
    await folder.move(from, to);
    for (const entry of entries) await sync.forget(entry.file);
    for (const entry of moved) if (entry.current) await versions.setCurrent(entry.path, entry.current.hash);
    await sync.refresh(from);
    await sync.refresh(to);
  };

  return {
    put: (path: string, source: string | Uint8Array, options: PutOptions) =>
      put(parseWritablePath(path), source, options),

    remove: (path: string, conditions: Preconditions) => remove(parseWritablePath(path), conditions),

    /** Moves a workflow, or a folder with all below it when there is no workflow of that name. */
    async move(from: string, to: string, options: Preconditions & { overwrite?: boolean }): Promise<void> {
      const source = parseWritablePath(from);
      const target = parseWritablePath(to);
      const existing = await fresh(source);
      if (existing && source !== target) return moveWorkflow(existing, target, options);
      if (existing) return;
      if ((await folder.stat(source))?.kind !== 'folder') throw notFound(source);
      return moveFolder(source, target);
    },

    async makeFolder(text: string): Promise<RepositoryPath> {
      const path = parseWritablePath(text);
      if (!(await folder.makeFolder(path))) throw fail('exists', `The folder ${path} exists already.`);
      await sync.refresh(path);
      return path;
    },

    async removeFolder(text: string, options: { recursive?: boolean }): Promise<void> {
      const path = parseWritablePath(text);
      if ((await folder.stat(path))?.kind !== 'folder') throw notFound(path);
      if (!options.recursive && (await folder.list(path)).length > 0)
        throw fail('conflict', `The folder ${path} is not empty.`);
      await folder.removeFolder(path);
      await sync.refresh(path);
    },
  };
}

export type Writes = ReturnType<typeof createWrites>;
