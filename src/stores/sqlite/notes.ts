import type { PathNote } from '../../model/path-note.ts';
import type { Store } from '../../store.ts';
import type { Base, Sync } from './base.ts';
import { orNull } from './rows.ts';

interface NoteRow {
  path: string;
  author: string;
  at: number;
  description: string | null;
  hash: string | null;
}

const noteOf = ({ path, author, at, description, hash }: NoteRow): PathNote => ({
  path,
  author,
  at,
  ...(description === null ? {} : { description }),
  ...(hash === null ? {} : { hash }),
});

export function noteWrites(base: Base): Sync<Pick<Store, 'saveNote' | 'deleteNote' | 'moveNote'>> {
  const save = base.write('INSERT OR REPLACE INTO path_notes VALUES (?, ?, ?, ?, ?)');
  const remove = base.write('DELETE FROM path_notes WHERE path = ?');
  const removeBelow = base.write('DELETE FROM path_notes WHERE path >= ? AND path < ?');
  const move = base.write('UPDATE path_notes SET path = ? WHERE path = ?');
  const moveBelow = base.write(
    'UPDATE path_notes SET path = :to || substr(path, length(:from) + 1) WHERE path >= :from AND path < :end',
  );
  /** What lies in a folder sorts behind its slash and before the sign after it. */
  const endOf = (folder: string): string => `${folder.slice(0, -1)}0`;
  const drop = (path: string): void => {
    if (path.endsWith('/')) removeBelow.run(path, endOf(path));
    else remove.run(path);
  };
  return {
    saveNote: ({ path, author, at, description, hash }) =>
      void save.run(path, author, at, orNull(description), orNull(hash)),
    deleteNote: drop,
    moveNote(from, to) {
      if (from === to) return;
      drop(to);
      if (from.endsWith('/')) moveBelow.run({ from, to, end: endOf(from) });
      else move.run(to, from);
    },
  };
}

export function noteReads(base: Base): Sync<Pick<Store, 'listNotes'>> {
  const list = base.read<NoteRow>(
    'SELECT * FROM path_notes WHERE path IN (SELECT value FROM json_each(?)) ORDER BY path',
  );
  return { listNotes: (paths) => list.all(JSON.stringify(paths)).map(noteOf) };
}
