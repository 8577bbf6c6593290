import { fail } from '../../model/errors.ts';
import type { NewFile } from '../../model/job.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { type FileRow, fileOf } from './rows.ts';

export interface FileWriter {
  /** Takes the input files of a job away. */
  dropInputs(job: number): void;
  /** A file of the same name and direction is replaced. */
  put(job: number, files: readonly NewFile[], at: number): void;
}

export function createFiles(base: Base): FileWriter {
  const put = base.write('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)');
  const dropInputs = base.write("DELETE FROM files WHERE job = ? AND direction = 'in'");
  return {
    dropInputs: (job) => void dropInputs.run(job),
    put(job, files, at) {
      for (const file of files) put.run(job, file.direction, file.name, file.bytes, at, file.contentType, file.blob);
    },
  };
}

export function fileWrites(base: Base, files: FileWriter): Sync<Pick<Store, 'addFiles'>> {
  const exists = base.read('SELECT 1 FROM jobs WHERE id = ?');
  return {
    addFiles(job, added, at) {
      if (!exists.get(job)) throw fail('not-found', `There is no job ${job}.`);
      files.put(job, added, at);
    },
  };
}

export function fileReads(base: Base): Sync<Pick<Store, 'listFiles'>> {
  const list = base.read<FileRow>('SELECT * FROM files WHERE job = ? ORDER BY direction, name');
  return { listFiles: (job) => list.all(job).map(fileOf) };
}
