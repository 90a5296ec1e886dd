import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command } from 'commander'
import { AzwiError, ExitStatus } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { type SandboxFlags, withSandbox, withSandboxFlags } from './session.js'

/** `azwi sandbox run -- <command…>`: a command in a cloud of its own; its exit code is ours. */
export function sandboxRunCommand(io: Io): Command {
  return withSandboxFlags(new Command('run'))
    .summary('Run a command in a fresh sandbox')
    .description(
      'Start a sandbox, run a command with all that it needs in its environment, and end with its exit code.\n\n' +
        'Example: azwi sandbox run -- kubectl get serviceaccounts --all-namespaces'
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .action(async (words: string[], flags: SandboxFlags) => {
      const status = await withSandbox(io, flags, ({ environment, unwanted }) => {
        const inherited = Object.entries(io.host.environment).filter(([name]) => !unwanted.includes(name))
        return runChild(words, { ...Object.fromEntries(inherited), ...environment })
      })
      if (status !== 0) throw new ExitStatus(status)
    })
}

/** Resolves to the exit code as a shell would report it: 128 and the signal's number where a signal ended the child. */
async function runChild(
  [file = '', ...parameters]: readonly string[],
  environment: NodeJS.ProcessEnv
): Promise<number> {
  const child = spawn(file, parameters, { env: environment, stdio: 'inherit' })
  // Ctrl-C reaches the child from the terminal itself; the sandbox stays up until the child has ended.
  const wait = (): void => undefined
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal)
  }
  process.on('SIGINT', wait).on('SIGTERM', forward).on('SIGHUP', forward)
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        const [what, exitCode] =
          error.code === 'ENOENT' ? ['was not found', 127] : [`could not be run: ${error.code ?? error.message}`, 126]
        reject(new AzwiError('CommandNotRun', `the command "${file}" ${what}`, { exitCode, cause: error }))
      })
      child.on('close', (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
      })
    })
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', forward).off('SIGHUP', forward)
  }
}
