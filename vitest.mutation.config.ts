import { defineConfig } from 'vitest/config'

/**
 * The tests that StrykerJS runs against each mutant: those of the engine, of ownership and of the network, and of the commands that use them. They run
 * src/ in the process of the test. The global setup does not build dist/, because StrykerJS changes src/.
 */
export default defineConfig({
  test: {
    include: [
      'test/{engine,ownership,net,clients}/**/*.test.ts',
      'test/commands/serviceaccount/{apply,create,delete}*.test.ts',
      'test/commands/serviceaccount/{credentials-limits,dry-run,end-of-command,grants,interruption,timeout,wait}.test.ts',
      'test/commands/managed-identity/{create,delete,phases}.test.ts'
    ],
    exclude: [
      // Runs the bundle in child processes.
      'test/net/proxy.test.ts',
      // Take a third of the time. test/net has tests of what they cover.
      'test/commands/serviceaccount/{apply-many,delete-confirm}.test.ts'
    ],
    globalSetup: 'test/rsa-keys-setup.ts',
    setupFiles: 'test/mutation-setup.ts',
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000
  }
})
