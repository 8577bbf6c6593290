import { relative, sep } from 'node:path';
import { watch as chokidarWatch, type FSWatcher } from 'chokidar';
import type { Log } from '../model/log.ts';
import { isHidden, parseRepositoryPath, type RepositoryPath, rootPath } from './safe-path.ts';

export interface WatchParts {
  /** The folder to watch, absolute and free of links. */
  root: string;
  log: Log;
  /** Called with the paths that something happened to, once they have been quiet for a moment. */
  onPaths(paths: RepositoryPath[]): void;
}

/** Editors write in several strokes; what happens within this time is one change. */
const settleMs = 50;

/** From so many paths on the whole tree is looked through at once. */
const manyPaths = 200;

/** Watches a folder tree; resolves when every change from now on is noticed. Returns the way to end it. */
export async function watchFolder({ root, log, onPaths }: WatchParts): Promise<() => Promise<void>> {
  const dirty = new Set<RepositoryPath>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    const paths = dirty.size > manyPaths ? [rootPath] : [...dirty];
    dirty.clear();
    onPaths(paths);
  };

  const note = (place: string): void => {
    const path = toPath(root, place);
    if (path === undefined) return;
    dirty.add(path);
    timer ??= setTimeout(flush, settleMs);
  };

  const watcher: FSWatcher = chokidarWatch(root, {
    followSymlinks: false,
    ignoreInitial: true,
    ignorePermissionErrors: true,
    // Only names below the root count: the root itself may lie in a hidden folder.
    ignored: (place) => relative(root, place).split(sep).some(isHidden),
  });
  watcher.on('all', (_event, place) => note(place));
  // Such as the system's limit of watches (ENOSPC): the periodic look takes over.
  watcher.on('error', (error) =>
    log.warn({ err: error }, 'Watching the workflows folder failed; changes are seen later'),
  );
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    watcher.once('error', () => resolve());
  });

  return async () => {
    clearTimeout(timer);
    timer = undefined;
    await watcher.close();
  };
}

/** The path of a place below the root; undefined for names that no path can have. */
function toPath(root: string, place: string): RepositoryPath | undefined {
  try {
    const below = relative(root, place);
    return below === '' ? rootPath : parseRepositoryPath(below.split(sep).join('/'));
  } catch {
    return undefined;
  }
}
