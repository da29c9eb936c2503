import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Real time passes only where a test is about time passing; nothing here asserts how fast anything is.
    slowTestThreshold: 5_000,
    // A busy machine may disturb a test that waits for real time; what fails twice fails.
    retry: process.env.CI ? 1 : 0,
    expect: { poll: { timeout: 30_000 } },
    reporters: process.env.VITEST_JSON
      ? ['default', ['json', { outputFile: process.env.VITEST_JSON }]]
      : ['default'],
  },
})
