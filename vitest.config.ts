import { defineConfig } from 'vitest/config';

// Workspace packages resolve to their sources: a test never runs against a stale build.
const fromSource = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
};

const needsServices = ['**/*.pg.test.ts', '**/*.redis.test.ts'];

export default defineConfig({
  test: {
    // Most tests wait for sockets, processes and servers more than they compute: one core fewer than there are, the default, is one process on a small machine.
    maxWorkers: 2,
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/house/**/*.test.ts'],
          exclude: [...needsServices, '**/dist/**', '**/node_modules/**'],
          // Loading the sources for each file anew takes longer than the tests: files share a process, and keep no state in modules.
          isolate: false,
          // Ten thousand drawn cases take 2 s, and many times that on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'integration',
          include: needsServices,
          exclude: ['**/dist/**', '**/node_modules/**'],
          globalSetup: ['test/support/services.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'journeys',
          include: ['test/journeys/*.test.ts'],
          globalSetup: ['test/support/services.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'faults',
          include: ['test/faults/*.test.ts'],
          globalSetup: ['test/support/services.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...fromSource,
        test: {
          name: 'model',
          include: ['test/model/*.test.ts'],
          globalSetup: ['test/support/services.ts'],
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
