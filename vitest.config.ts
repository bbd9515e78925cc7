import { defineConfig } from 'vitest/config';

// Workspace packages resolve to their sources: a test never runs against a stale build.
const fromSource = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
};

const needsServices = ['**/*.pg.test.ts', '**/*.redis.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'test/house/**/*.test.ts'],
          exclude: [...needsServices, '**/dist/**', '**/node_modules/**'],
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
