import { atMost, wholeOf } from '../model/byte-stream.ts';
import { fail } from '../model/errors.ts';
import type { Principal } from '../model/principal.ts';
import type { Workflow } from '../model/workflow.ts';
import { maxDefinitionBytes } from '../repository/read-definition.ts';
import type { Repository, UploadEntry } from '../repository/repository.ts';
import { joinPath, parseRepositoryPath, rootPath } from '../repository/safe-path.ts';
import { parseWritablePath } from '../repository/suffixes.ts';
import type { Blobs } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Intake } from './intake.ts';
import type { Published } from './published.ts';

/** A file as it comes in. */
export interface IncomingFile {
  /** Its name in the folder. */
  name: string;
  /** Read once, before the next file is asked for. */
  content: AsyncIterable<Uint8Array>;
}

/** Files that are put into the repository together. */
export interface Uploads {
  /**
   * Puts files into a folder that is there, all or none; among them there must be a definition. Throws `not-found`,
   * `forbidden`, `exists` unless they may be overwritten, `too-large`, `invalid-path`, `invalid-definition` with the
   * issues of all files, and `invalid-input` without a definition.
   */
  put(
    principal: Principal,
    folder: string,
    files: AsyncIterable<IncomingFile>,
    options: { overwrite: boolean; maxBytes: number },
  ): Promise<Workflow[]>;
}

export function createUploads(parts: {
  repository: Pick<Repository, 'list' | 'putFiles' | 'definedBy'>;
  blobs: Blobs;
  access: Access;
  audit: Audit;
  intake: Pick<Intake, 'check' | 'whileThereIsRoom'>;
  published: Published;
}): Uploads {
  const { repository, blobs, access, audit, intake, published } = parts;

  /** Takes a file in; nothing of it is in the repository yet. Definitions stay in memory, others go to the disk. */
  const take = async ({ name, content }: IncomingFile, maxBytes: number): Promise<UploadEntry> => {
    const common = { path: joinPath(rootPath, name), kind: 'file', executable: false } as const;
    if (repository.definedBy(name) !== undefined) {
      const bytes = await wholeOf(atMost(content, maxDefinitionBytes, () => tooLargeDefinition(name)));
      return { ...common, bytes: bytes.length, read: () => oneChunk(bytes) };
    }
    // Kept like the files of jobs: what nothing refers to is swept away later.
    const { blob, bytes } = await blobs.put(intake.whileThereIsRoom(content), maxBytes);
    return { ...common, bytes, read: () => fromBlob(blobs, blob) };
  };

  return {
    async put(principal, text, files, { overwrite, maxBytes }) {
      intake.check();
      const folder = parseRepositoryPath(text);
      access.requirePath(principal, 'write', folder);
      repository.list({ under: folder });
      const entries: UploadEntry[] = [];
      for await (const file of files) {
        const path = parseWritablePath(joinPath(folder, file.name));
        // Rights hang on the workflow, whatever the ending of its file.
        access.requirePath(principal, 'write', repository.definedBy(path) ?? path);
        if (entries.some(({ path }) => path === joinPath(rootPath, file.name)))
          throw fail('invalid-input', `Two files are named ${JSON.stringify(file.name.slice(0, 100))}.`);
        entries.push(await take(file, maxBytes));
      }
      if (!entries.some(({ path }) => repository.definedBy(path) !== undefined))
        throw fail('invalid-input', 'Among the files there must be the definition of a workflow.');
      const { workflows } = await repository.putFiles(folder, entries, { overwrite });
      for (const workflow of workflows) {
        await published.note(principal, workflow);
        await audit(principal, 'workflow.upload', workflow.path);
      }
      return workflows;
    },
  };
}

const tooLargeDefinition = (name: string) =>
  fail('too-large', `${name} is a definition; one has at most ${maxDefinitionBytes} bytes.`);

async function* oneChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function* fromBlob(blobs: Pick<Blobs, 'open'>, blob: string): AsyncIterable<Uint8Array> {
  yield* await blobs.open(blob);
}
