import { expect, test } from 'vitest';
import { createPruner } from '../../src/maintenance/pruner.ts';
import { silentLog } from '../repository/support.ts';

const nothingOld = { pruneTokens: async () => 0, unreferenced: async () => [] };

test('events and tokens of before their time go batch by batch, and events stay for ever where no time is set', async () => {
  const asked: string[] = [];
  let left = 1_200;
  const take = (what: string) => async (query: { before: number; max: number }) => {
    asked.push(`${what} ${query.before}`);
    const taken = Math.min(left, query.max);
    left -= taken;
    return taken;
  };
  const pruner = (settings: { eventsMs?: number }) =>
    createPruner({
      store: {
        pruneJobs: async () => ({ jobs: 0, keys: 0, cancelled: 0 }),
        pruneEvents: take('events'),
        pruneTokens: take('tokens'),
        unreferenced: async () => [],
      } as never,
      blobs: { sweep: async () => 0 } as never,
      sharedFiles: { sweep: async () => 0 },
      settings: { keysMs: 1_000, tokensMs: 86_400_000, uploadsMs: 1, everyMs: 200, ...settings },
      clock: () => 100_000_000,
      log: silentLog,
    });
  const first = pruner({ eventsMs: 50_000_000 });
  await first.start?.();
  await expect.poll(() => asked.length).toBe(4);
  await first.stop?.(0);
  const events = 'events 50000000';
  expect(asked).toEqual([events, events, events, 'tokens 13600000']);
  asked.length = 0;
  const second = pruner({});
  await second.start?.();
  await expect.poll(() => asked.length).toBe(1);
  await second.stop?.(0);
  expect(asked).toEqual(['tokens 13600000']);
});

test('uploads older than their time are removed again and again, until the server stops', async () => {
  const sweeps: [string, number][] = [];
  const pruner = createPruner({
    store: { pruneJobs: async () => ({ jobs: 0, keys: 0, cancelled: 0 }), ...nothingOld } as never,
    blobs: { sweep: async () => 0 } as never,
    sharedFiles: {
      sweep: async (path, olderThan) => {
        sweeps.push([path, olderThan]);
        if (sweeps.length === 1) throw new Error('the disk is away');
        return 0;
      },
    },
    settings: { keysMs: 1_000, tokensMs: 1_000, uploadsMs: 3_600_000, everyMs: 10 },
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

test('loaded jobs are cancelled batch by batch after their days, and never where no time is set', async () => {
  const asked: unknown[] = [];
  const left = [500, 500, 3];
  const pruner = (settings: { loadedMs?: number }) =>
    createPruner({
      store: {
        pruneJobs: async ({ loaded }: { loaded?: object }) => {
          asked.push(loaded);
          return { jobs: 0, keys: 0, cancelled: left.shift() ?? 0 };
        },
        ...nothingOld,
      } as never,
      blobs: { sweep: async () => 0 } as never,
      sharedFiles: { sweep: async () => 0 },
      settings: { keysMs: 1_000, tokensMs: 1_000, uploadsMs: 1, everyMs: 200, ...settings },
      clock: () => 300_000_000,
      log: silentLog,
    });
  const first = pruner({ loadedMs: 2 * 86_400_000 });
  await first.start?.();
  await expect.poll(() => left).toEqual([]);
  await first.stop?.(0);
  const loaded = {
    before: 127_200_000,
    reason: 'It was loaded, and not started within 2 days.',
    at: 300_000_000,
  };
  expect(asked).toEqual([loaded, loaded, loaded]);
  asked.length = 0;
  const second = pruner({});
  await second.start?.();
  await expect.poll(() => asked.length).toBe(1);
  await second.stop?.(0);
  expect(asked).toEqual([undefined]);
});
