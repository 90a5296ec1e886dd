import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command } from 'commander'
import { AzwiError, ExitStatus } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { type SandboxFlags, withSandbox, withSandboxFlags } from './session.js'

/** `azwi sandbox run -- <command…>`: runs a command in a sandbox of its own, and ends with its exit code. */
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
      // Listens before anything exists that must be cleaned up.
      const signals = forwardSignals()
      try {
        const status = await withSandbox(io, flags, ({ environment, unwanted }) => {
          const inherited = Object.entries(io.host.environment).filter(([name]) => !unwanted.includes(name))
          return runChild(words, { ...Object.fromEntries(inherited), ...environment }, signals)
        })
        if (status !== 0) throw new ExitStatus(status)
      } finally {
        signals.stop()
      }
    })
}

interface SignalForwarding {
  /** The signal that arrived before the child was started. */
  readonly early: () => NodeJS.Signals | undefined
  readonly to: (child: ChildProcess) => void
  readonly stop: () => void
}

/**
 * Keeps signals from ending this process while the sandbox is up, and forwards them to the child. The terminal itself sends Ctrl-C to the
 * child, so SIGINT is not forwarded.
 */
function forwardSignals(): SignalForwarding {
  let early: NodeJS.Signals | undefined
  let child: ChildProcess | undefined
  const receive = (signal: NodeJS.Signals): void => {
    if (child === undefined) early ??= signal
    else if (signal !== 'SIGINT') child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, receive)
  return {
    early: () => early,
    to: started => {
      child = started
    },
    stop: () => {
      for (const signal of signals) process.off(signal, receive)
    }
  }
}

/** Resolves to the exit code as a shell reports it: 128 and the signal's number if a signal ended the child. */
async function runChild(
  [file = '', ...parameters]: readonly string[],
  environment: NodeJS.ProcessEnv,
  signals: SignalForwarding
): Promise<number> {
  const early = signals.early()
  if (early !== undefined) return statusOf(early)
  const child = spawn(file, parameters, { env: environment, stdio: 'inherit' })
  signals.to(child)
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      const [what, exitCode] =
        error.code === 'ENOENT' ? ['was not found', 127] : [`could not be run: ${error.code ?? error.message}`, 126]
      reject(new AzwiError('CommandNotRun', `the command "${file}" ${what}`, { exitCode, cause: error }))
    })
    child.on('close', (code, signal) => {
      resolve(code ?? (signal === null ? 128 : statusOf(signal)))
    })
  })
}

const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]
