import type { Principal } from '../model/principal.ts';
import type { Workflow } from '../model/workflow.ts';
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

/** Who put which workflow there, and how often each ran. */
export interface Published {
  /** Records of workflows the caller was given, by their paths. */
  records(workflows: readonly Workflow[]): Promise<Map<string, WorkflowRecord>>;
  /** Notes that the caller put this content there. */
  note(principal: Principal, workflow: Workflow): Promise<void>;
  forget(path: string): Promise<void>;
  /** Takes along what is noted of a workflow. */
  move(from: string, to: string): Promise<void>;
}

export function createPublished(parts: {
  store: Pick<Store, 'listNotes' | 'saveNote' | 'deleteNote' | 'countRuns'>;
  clock: () => number;
}): Published {
  const { store, clock } = parts;
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
    async note({ name }, { path, current }) {
      if (current !== undefined) await store.saveNote({ path, author: name, at: clock(), hash: current.hash });
    },
    forget: (path) => store.deleteNote(path),
    async move(from, to) {
      const [note] = await store.listNotes([from]);
      await store.deleteNote(from);
      if (note === undefined) await store.deleteNote(to);
      else await store.saveNote({ ...note, path: to });
    },
  };
}
