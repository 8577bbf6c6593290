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

export function noteWrites(base: Base): Sync<Pick<Store, 'saveNote' | 'deleteNote'>> {
  const save = base.write('INSERT OR REPLACE INTO path_notes VALUES (?, ?, ?, ?, ?)');
  const remove = base.write('DELETE FROM path_notes WHERE path = ?');
  const removeBelow = base.write('DELETE FROM path_notes WHERE path >= ? AND path < ?');
  return {
    saveNote: ({ path, author, at, description, hash }) =>
      void save.run(path, author, at, orNull(description), orNull(hash)),
    deleteNote(path) {
      // What lies in a folder sorts behind its slash and before the sign after it.
      if (path.endsWith('/')) removeBelow.run(path, `${path.slice(0, -1)}0`);
      else remove.run(path);
    },
  };
}

export function noteReads(base: Base): Sync<Pick<Store, 'listNotes'>> {
  const list = base.read<NoteRow>(
    'SELECT * FROM path_notes WHERE path IN (SELECT value FROM json_each(?)) ORDER BY path',
  );
  return { listNotes: (paths) => list.all(JSON.stringify(paths)).map(noteOf) };
}
