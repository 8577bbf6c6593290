import { expect, test } from 'vitest';
import { createPruner } from '../../src/maintenance/pruner.ts';
import { silentLog } from '../repository/support.ts';

test('uploads older than their time are removed again and again, until the server stops', async () => {
  const sweeps: [string, number][] = [];
  const pruner = createPruner({
    store: { pruneJobs: async () => ({ jobs: 0, keys: 0 }), unreferenced: async () => [] } as never,
    blobs: { sweep: async () => 0 } as never,
    sharedFiles: {
      sweep: async (path, olderThan) => {
        sweeps.push([path, olderThan]);
        if (sweeps.length === 1) throw new Error('the disk is away');
        return 0;
      },
    },
    settings: { keysMs: 1_000, uploadsMs: 3_600_000, everyMs: 10 },
    clock: () => 10_000_000,
    log: silentLog,
  });
  await pruner.start?.();
  await expect.poll(() => sweeps.length).toBeGreaterThan(2);
  await pruner.stop?.(0);
  expect(new Set(sweeps.map(String))).toEqual(new Set(['/uploads,6400000']));
  const count = sweeps.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sweeps.length).toBeLessThanOrEqual(count + 1);
});
