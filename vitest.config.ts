import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/test/**/*.test.ts'],
    globalSetup: ['test/rsa-keys-setup.ts', 'test/global-setup.ts'],
    // By default Vitest leaves one core free. Tests wait for the sandbox often enough to share all of them.
    maxWorkers: availableParallelism(),
    // Test files share the modules that a worker has loaded, because to load them takes longer than most files run.
    // No module in src/ or sandbox/ holds state.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'sandbox/src/**/*.ts'],
      reporter: ['text-summary', 'json-summary']
    }
  }
})
