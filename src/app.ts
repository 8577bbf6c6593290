import type { App, AppOptions } from './app/parts.ts';
import { openStore } from './stores/index.ts';

export type { App, AppOptions } from './app/parts.ts';

/**
 * Opens the store and joins all parts over it; nothing is started. This file and its folder alone name the concrete
 * store, runtimes and dialects. Everything else is loaded while the database thread opens the store: a start takes half
 * of its time for loading, and has two processors.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, log, onFatal } = options;
  const opening = openStore(config.data, {
    onFatal,
    onWatcherError: (error) => log.error({ err: error }, 'a listener for changes failed'),
    onMigrated: (copy) =>
      log.info({ copy }, 'the database was brought up to date; a copy of the old one was made first'),
  });
  const [opened, { joinParts }] = await Promise.all([opening, import('./app/parts.ts')]);
  return joinParts(options, opened);
}
