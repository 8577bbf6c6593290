import { randomBytes } from 'node:crypto';
import { wholeOf } from '../model/byte-stream.ts';
import { type FieldError, fail } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { Workflow } from '../model/workflow.ts';
import type { ArchiveEntry } from './archive.ts';
import type { Catalogue } from './catalogue.ts';
import type { Folder } from './folder.ts';
import { fieldErrorOf, hashOf, maxDefinitionBytes, type Reading, readDefinition } from './read-definition.ts';
import { isHidden, joinPath, namesOf, parseRepositoryPath, type RepositoryPath, rootPath } from './safe-path.ts';
import { parseWritablePath, type Suffixes } from './suffixes.ts';
import type { Sync } from './sync.ts';
import type { Versions } from './versions.ts';

export interface UploadOptions {
  /** Whether files that are there may be replaced. */
  overwrite?: boolean;
  /** Asked for the path of each file, and of the workflow it defines, before anything is stored; throws to refuse it. */
  check?: (path: RepositoryPath) => void;
}

/** What an upload put into the repository. */
export interface Uploaded {
  folder: RepositoryPath;
  /** Number of files, plain ones included. */
  files: number;
  workflows: Workflow[];
}

export interface UploadParts {
  folder: Folder;
  suffixes: Suffixes;
  versions: Versions;
  catalogue: Catalogue;
  sync: Sync;
  log: Log;
  maxFiles: number;
}

/** What comes in: a file with its bytes, or a folder. */
export type UploadEntry = ArchiveEntry;

/** A file that comes in and where it goes; a workflow has its definition read already. */
interface Plan {
  entry: UploadEntry;
  file: RepositoryPath;
  definition?: { hash: string; reading: Reading };
}

/**
 * Puts files into a folder, `/` for the root: all of them or none. Everything is checked, every definition read and every
 * file written aside before the first one comes to its place.
 *
 * @throws invalid-input, invalid-path, too-large, exists, invalid-definition with the issues of all files, disk-full
 */
export async function putFiles(
  parts: UploadParts,
  text: string,
  entries: readonly UploadEntry[],
  options: UploadOptions,
): Promise<Uploaded> {
  const { folder, versions, catalogue, sync } = parts;
  const target = text === '/' ? rootPath : parseWritablePath(text);
  const staging = parseRepositoryPath(`.millrace-${randomBytes(9).toString('base64url')}.upload`);
  try {
    const plans = await plan(parts, entries, target, options.check);
    const replaced = await findReplaced(parts, plans, options.overwrite ?? false);
    await folder.makeFolder(staging);
    for (const [index, { entry }] of plans.entries())
      await folder.write(joinPath(staging, String(index)), entry.read(), {
        maxBytes: entry.bytes,
        executable: entry.executable,
      });
    for (const { definition } of plans)
      if (definition?.reading.version) await versions.save(definition.reading.version);
    // From here on only renames: what could fail for want of space or because of what came has been done.
    for (const entry of entries)
      if (entry.kind === 'folder') await folder.makeFolder(joinPath(target, entry.path.slice(1)));
    for (const file of replaced) {
      await folder.remove(file);
      await sync.forget(file);
    }
    const workflows: Workflow[] = [];
    for (const [index, { file, definition }] of plans.entries()) {
      await folder.move(joinPath(staging, String(index)), file, { overwrite: true });
      const facts = await folder.stat(file);
      if (definition && facts)
        workflows.push(catalogue.workflow(await sync.accept(file, definition.hash, definition.reading, facts)));
    }
    await sync.refresh(target);
    return { folder: target, files: plans.length, workflows };
  } finally {
    if (await folder.stat(staging)) await folder.removeFolder(staging);
  }
}

/** Where each file goes, and what the definitions among them say. */
async function plan(
  parts: UploadParts,
  entries: readonly UploadEntry[],
  target: RepositoryPath,
  check: (path: RepositoryPath) => void = () => {},
): Promise<Plan[]> {
  const { suffixes, catalogue, log } = parts;
  const plans: Plan[] = [];
  const errors: FieldError[] = [];
  const named = new Map<RepositoryPath, RepositoryPath>();
  for (const entry of entries) {
    if (namesOf(entry.path).some(isHidden))
      throw fail(
        'invalid-input',
        `The upload is refused: ${entry.path} has a hidden name, which the repository leaves alone.`,
      );
    const file = joinPath(target, entry.path.slice(1));
    check(file);
    if (entry.kind === 'folder') continue;
    const workflow = suffixes.workflowOf(file);
    if (workflow) check(workflow.path);
    if (!workflow) {
      plans.push({ entry, file });
      continue;
    }
    const other = named.get(workflow.path);
    if (other)
      throw fail(
        'invalid-input',
        `The upload is refused: ${other} and ${file} would be one workflow, ${workflow.path}.`,
      );
    named.set(workflow.path, file);
    if (entry.bytes > maxDefinitionBytes)
      throw fail('too-large', `${file} has ${entry.bytes} bytes; a definition has at most ${maxDefinitionBytes}.`);
    const bytes = await wholeOf(entry.read());
    const hash = hashOf(bytes);
    const reading = readDefinition(bytes, hash, file, workflow.runtime, log);
    errors.push(
      ...reading.issues.map(fieldErrorOf).map((issue) => ({ ...issue, message: `${file}: ${issue.message}` })),
    );
    plans.push({ entry, file, definition: { hash, reading } });
  }
  if (errors.length > 0)
    throw fail('invalid-definition', { detail: 'Workflows of the upload have errors; nothing was stored.', errors });
  const added = [...named.keys()].filter((path) => !catalogue.at(path)).length;
  if (catalogue.size() + added > parts.maxFiles)
    throw fail('too-large', `With this upload there would be more than ${parts.maxFiles} workflows.`);
  return plans;
}

/** Files of other suffix that define a workflow of the upload now; they go. @throws exists */
async function findReplaced(parts: UploadParts, plans: readonly Plan[], overwrite: boolean): Promise<RepositoryPath[]> {
  const inTheWay: RepositoryPath[] = [];
  const replaced: RepositoryPath[] = [];
  for (const { file } of plans) {
    const facts = await parts.folder.stat(file);
    if (facts?.kind === 'folder') throw fail('conflict', `${file} is a folder.`);
    const workflow = parts.suffixes.workflowOf(file);
    const serving = workflow && parts.catalogue.at(workflow.path)?.file;
    if (facts) inTheWay.push(file);
    else if (serving) inTheWay.push(serving);
    if (serving && serving !== file) replaced.push(serving);
  }
  if (inTheWay.length > 0 && !overwrite) {
    const rest = inTheWay.length > 5 ? ` and ${inTheWay.length - 5} more` : '';
    throw fail('exists', `Already there: ${inTheWay.slice(0, 5).join(', ')}${rest}. Nothing was stored.`);
  }
  return replaced;
}
