/** What no file says of a path in the repository. */
export interface PathNote {
  /** That of a folder ends in `/`. */
  path: string;
  /** Name of the user who put it there. */
  author: string;
  /** When that was. */
  at: number;
  /** What a folder is for. */
  description?: string;
  /** Of a workflow: the content that was put there; a file that was changed since is not the author's. */
  hash?: string;
}

/** The path under which notes of a folder are kept: those of all below it begin with it. */
export const folderNotePath = (folder: string): string => (folder.endsWith('/') ? folder : `${folder}/`);
