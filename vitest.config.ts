import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    // By default one core is left to the screen; tests that speak with a sandbox wait enough for it.
    maxWorkers: availableParallelism(),
    // Files share the modules that a worker has loaded, which would take longer than most of them run. No module of ours holds state.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000
  }
})
