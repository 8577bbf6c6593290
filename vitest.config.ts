import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const threads = fileURLToPath(new URL('./test/support/threads.ts', import.meta.url));

export default defineConfig({
  resolve: { alias: [{ find: /^(\.\.?\/)+threads\.ts$/, replacement: threads }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Faults kill servers and fill disks; they have a run of their own (npm run test:faults).
    exclude: [...configDefaults.exclude, 'test/faults/**'],
    globalSetup: ['test/support/bundle-threads.ts'],
    // Vitest leaves one core to itself, which is half of a small machine; many tests wait for processes anyway.
    maxWorkers: availableParallelism(),
    // No test replaces a module: loading the sources once for each worker, not for each file, saves a third of the time.
    isolate: false,
    // For what hangs, not for what is slow: machines stand still for a while when others want them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
