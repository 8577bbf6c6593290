import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/stores/index.ts';
import { storeSuite } from './suite.ts';

storeSuite('SQLite', async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  // Without threads a store opens in a hundredth of the time; those are tried in sqlite-engine.test.ts.
  const how = { ...options, threads: false };
  let now = await openStore(folder, how);
  return {
    get store() {
      return now.store;
    },
    get blobs() {
      return now.blobs;
    },
    async reopen() {
      await now.store.close();
      now = await openStore(folder, how);
    },
    async close() {
      await now.store.close();
      await rm(folder, { recursive: true });
    },
  };
});
