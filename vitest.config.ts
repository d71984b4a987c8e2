import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // A hang is a hang after a minute too; a busy machine is four times slower than a quiet one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'], exclude } },
      { extends: true, test: { name: 'house', include: ['test/house/**/*.test.ts'], exclude } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...exclude, 'test/house/**'],
        },
      },
    ],
  },
});
