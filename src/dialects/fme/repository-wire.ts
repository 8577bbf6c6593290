import * as z from 'zod';
import type { FolderView } from '../../engine/folders.ts';
import { repositoryOf } from './names.ts';
import { userId } from './user-ids.ts';

export const FmeRepository = z
  .object({
    name: z.string(),
    description: z.string(),
    ownerID: z.string(),
    owner: z.string().meta({ description: 'Empty for a folder that was made on the disk.' }),
    sharable: z.boolean(),
    totalFileSize: z.int(),
    fileCount: z.int().meta({ description: 'Files beside the workspaces.' }),
    workspaceCount: z.int(),
    customTransformerCount: z.int(),
    customFormatCount: z.int(),
    templateCount: z.int(),
  })
  .meta({ id: 'FmeRepository', description: 'A folder with workflows.' });

export const exampleRepository = {
  name: 'Tutorials',
  description: 'Workspaces of the REST tutorial',
  ownerID: '6a3f2c1e-0b7d-5d58-9f1e-2c9f4b8e7a10',
  owner: 'admin',
  sharable: true,
  totalFileSize: 20_480,
  fileCount: 0,
  workspaceCount: 1,
  customTransformerCount: 0,
  customFormatCount: 0,
  templateCount: 0,
};

/** Bytes of the files beside the workspaces. */
export const bytesOf = (files: FolderView['files']): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** A folder as a repository (reference section 4.1). Transformers, formats and templates have no counterpart here. */
export const repositoryWire = ({ path, description = '', author = '', bytes, files, workflows }: FolderView) => ({
  name: repositoryOf(path),
  description,
  ownerID: author === '' ? '' : userId(author),
  owner: author,
  sharable: true,
  totalFileSize: bytes + bytesOf(files),
  fileCount: files.length,
  workspaceCount: workflows,
  customTransformerCount: 0,
  customFormatCount: 0,
  templateCount: 0,
});
