import { once } from 'node:events'
import { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import { shellQuoted } from '../../errors.js'
import { type SandboxFlags, withSandbox, addSandboxFlags } from './session.js'

/** `azwi sandbox start`: runs a sandbox until a signal ends it, and prints the environment that a shell needs to use it. */
export function sandboxStartCommand(io: Io): Command {
  return addSandboxFlags(new Command('start'))
    .summary('Keep a sandbox up, and print the exports for a shell')
    .description(
      'Start a sandbox and keep it up until Ctrl-C. The exports for a shell go to stdout:\n\n' +
        '  azwi sandbox start > sandbox.env &\n  . ./sandbox.env'
    )
    .action(async (flags: SandboxFlags) => {
      // Before the sandbox creates files, so that a signal cannot leave them behind. An early signal ends the sandbox once it has started.
      const interruption = firstSignal()
      await withSandbox(io, flags, async ({ environment, unwanted }) => {
        if (unwanted.length > 0) io.print(`unset ${unwanted.join(' ')}\n`)
        io.print(
          Object.entries(environment)
            .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`)
            .join('')
        )
        io.printMessage('The sandbox is up; Ctrl-C ends it.')
        await interruption
      })
    })
}

/** Resolves when a signal asks the process to end. Only the servers of the sandbox keep the process alive, not these listeners. */
async function firstSignal(): Promise<void> {
  const listening = new AbortController()
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(signal => once(process, signal, { signal: listening.signal })))
  listening.abort()
}
