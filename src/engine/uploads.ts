import { buffer } from 'node:stream/consumers';
import { fail } from '../model/errors.ts';
import type { Principal } from '../model/principal.ts';
import type { Workflow } from '../model/workflow.ts';
import type { Repository, UploadEntry } from '../repository/repository.ts';
import { joinPath, parseRepositoryPath, rootPath } from '../repository/safe-path.ts';
import type { Blobs } from '../store.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import type { Intake } from './intake.ts';
import type { Published } from './published.ts';

/** A file as it comes in; its content is read once, before the next file is asked for. */
export interface IncomingFile {
  /** Its name in the folder. */
  name: string;
  content: AsyncIterable<Uint8Array>;
  /** True for a definition, which is held in memory and checked; other files go through the disk. */
  definition: boolean;
}

/** Files that are put into the repository together. */
export interface Uploads {
  /**
   * Puts files into a folder that is there, all or none. Throws `not-found`, `forbidden`, `exists` unless they may be
   * overwritten, `too-large`, `invalid-definition` with the issues of all files, `invalid-input` without any file.
   */
  put(
    principal: Principal,
    folder: string,
    files: AsyncIterable<IncomingFile>,
    options: { overwrite: boolean; maxBytes: number },
  ): Promise<Workflow[]>;
}

export function createUploads(parts: {
  repository: Pick<Repository, 'list' | 'putFiles'>;
  blobs: Blobs;
  access: Access;
  audit: Audit;
  intake: Pick<Intake, 'check'>;
  published: Published;
}): Uploads {
  const { repository, blobs, access, audit, intake, published } = parts;

  /** What a file is once it is here: nothing of it is in the repository yet. */
  const take = async ({ name, content, definition }: IncomingFile, maxBytes: number): Promise<UploadEntry> => {
    const common = { path: joinPath(rootPath, name), kind: 'file', executable: false } as const;
    if (definition) {
      const bytes = await buffer(content);
      return {
        ...common,
        bytes: bytes.length,
        read: async function* () {
          yield bytes;
        },
      };
    }
    // Kept like the files of jobs: what nothing refers to is swept away later.
    const { blob, bytes } = await blobs.put(content, maxBytes);
    return {
      ...common,
      bytes,
      read: async function* () {
        yield* await blobs.open(blob);
      },
    };
  };

  return {
    async put(principal, text, files, { overwrite, maxBytes }) {
      intake.check();
      const folder = parseRepositoryPath(text);
      access.requirePath(principal, 'write', folder);
      repository.list({ under: folder });
      const entries: UploadEntry[] = [];
      for await (const file of files) {
        access.requirePath(principal, 'write', joinPath(folder, file.name));
        if (entries.some(({ path }) => path === joinPath(rootPath, file.name)))
          throw fail('invalid-input', `Two files are named ${JSON.stringify(file.name.slice(0, 100))}.`);
        entries.push(await take(file, maxBytes));
      }
      if (entries.length === 0) throw fail('invalid-input', 'A file is needed.');
      const { workflows } = await repository.putFiles(folder, entries, { overwrite });
      for (const workflow of workflows) {
        await published.note(principal, workflow);
        await audit(principal, 'workflow.upload', workflow.path);
      }
      return workflows;
    },
  };
}
