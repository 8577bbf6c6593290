import { Readable } from 'node:stream';
import type { Principal } from '../model/principal.ts';
import { writeArchive } from '../repository/archive.ts';
import { parseRepositoryPath } from '../repository/safe-path.ts';
import type { Access } from './access.ts';

/** The log of the server itself, for its administrators. */
export interface ServerLog {
  /**
   * The latest lines as a ZIP archive with one file, at `path` within it, such as `/logs/server.log`.
   * @throws forbidden
   */
  archive(principal: Principal, path: string): Readable;
}

/** @param lines the latest ones, each with its line feed; a log never has secrets */
export function createServerLog(parts: { access: Access; lines: () => string[]; clock: () => number }): ServerLog {
  const { access, lines, clock } = parts;
  return {
    archive(principal, path) {
      access.requireScope(principal, 'admin');
      access.requireRole(principal, 'admin');
      return writeArchive([
        { path: parseRepositoryPath(path), modifiedAt: clock(), open: async () => Readable.from(lines()) },
      ]);
    },
  };
}
