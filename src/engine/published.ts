import { folderNotePath, type PathNote } from '../model/path-note.ts';
import type { Principal } from '../model/principal.ts';
import type { Workflow } from '../model/workflow.ts';
import type { RepositoryItem } from '../repository/repository.ts';
import type { Store } from '../store.ts';

/** What is known of a workflow that its file does not say. */
export interface WorkflowRecord {
  /** Runs that ended their job, of all time. */
  runs: number;
  /** How long they took altogether, in milliseconds. */
  elapsedMs: number;
  /** Who put the content that is there now, and when; absent when it was put on the disk. */
  publishedBy?: string;
  publishedAt?: number;
}

/** Who put what into the repository, and how often each workflow ran. Whatever changes the repository tells it. */
export interface Published {
  /** Records of workflows the caller was given, by their paths. */
  records(workflows: readonly Workflow[]): Promise<Map<string, WorkflowRecord>>;
  /** Notes that the caller put this content there. */
  note(principal: Principal, workflow: Workflow): Promise<void>;
  /** Notes that the caller made this folder, and what it is for. */
  noteFolder(principal: Principal, path: string, description?: string): Promise<void>;
  /** Notes that the caller put all of this there. */
  noteAll(principal: Principal, items: readonly RepositoryItem[]): Promise<void>;
  forget(path: string): Promise<void>;
  /** With all below it. */
  forgetFolder(path: string): Promise<void>;
  /** Takes along what is noted of a workflow. */
  move(from: string, to: string): Promise<void>;
  /** With all below it. */
  moveFolder(from: string, to: string): Promise<void>;
}

export function createPublished(parts: {
  store: Pick<Store, 'listNotes' | 'saveNote' | 'deleteNote' | 'moveNote' | 'countRuns'>;
  clock: () => number;
}): Published {
  const { store, clock } = parts;

  const note: Published['note'] = async ({ name }, { path, current }) => {
    if (current !== undefined) await store.saveNote({ path, author: name, at: clock(), hash: current.hash });
  };
  const noteFolder: Published['noteFolder'] = ({ name }, path, description = '') => {
    const made: PathNote = { path: folderNotePath(path), author: name, at: clock() };
    return store.saveNote(description === '' ? made : { ...made, description });
  };

  return {
    async records(workflows) {
      const paths = workflows.map(({ path }) => path);
      const [counts, notes] = await Promise.all([store.countRuns(paths), store.listNotes(paths)]);
      const counted = new Map(counts.map((one) => [one.workflow, one]));
      const noted = new Map(notes.map((one) => [one.path, one]));
      return new Map(
        workflows.map(({ path, current }) => {
          const { runs = 0, elapsedMs = 0 } = counted.get(path) ?? {};
          const note = noted.get(path);
          const known = note !== undefined && note.hash === current?.hash;
          return [path, { runs, elapsedMs, ...(known ? { publishedBy: note.author, publishedAt: note.at } : {}) }];
        }),
      );
    },
    note,
    noteFolder,
    async noteAll(principal, items) {
      // Side by side: what is asked for in one turn goes into one transaction.
      await Promise.all(
        items.map((item) =>
          item.kind === 'folder' ? noteFolder(principal, item.path) : note(principal, item.workflow),
        ),
      );
    },
    forget: (path) => store.deleteNote(path),
    forgetFolder: (path) => store.deleteNote(folderNotePath(path)),
    move: (from, to) => store.moveNote(from, to),
    moveFolder: (from, to) => store.moveNote(folderNotePath(from), folderNotePath(to)),
  };
}
