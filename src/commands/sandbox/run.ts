import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command } from 'commander'
import { AzwiError, ExitStatus } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { type SandboxFlags, withSandbox, addSandboxFlags } from './session.js'

/** `azwi sandbox run -- <command…>`: runs a command in a sandbox of its own, and ends with its exit code. */
export function sandboxRunCommand(io: Io): Command {
  return addSandboxFlags(new Command('run'))
    .summary('Run a command in a fresh sandbox')
    .description(
      'Start a sandbox, run a command with all that it needs in its environment, and end with its exit code.\n\n' +
        'Example: azwi sandbox run -- kubectl get serviceaccounts --all-namespaces'
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions()
    .action(async (words: string[], flags: SandboxFlags) => {
      // Before the sandbox creates files, so that a signal cannot leave them behind.
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
  /** Returns the signal that arrived before `forwardTo`. */
  readonly earlySignal: () => NodeJS.Signals | undefined
  /** Sets the process that gets the signals. */
  readonly forwardTo: (child: ChildProcess) => void
  readonly stop: () => void
}

/**
 * Forwards signals to the child, instead of ending this process while the sandbox runs. Does not forward SIGINT, because the terminal sends
 * Ctrl-C to the child too.
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
    earlySignal: () => early,
    forwardTo: started => {
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
  const early = signals.earlySignal()
  if (early !== undefined) return statusOf(early)
  const child = spawn(file, parameters, { env: environment, stdio: 'inherit' })
  signals.forwardTo(child)
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      const [problem, exitCode] =
        error.code === 'ENOENT' ? ['was not found', 127] : [`could not be run: ${error.code ?? error.message}`, 126]
      reject(new AzwiError('CommandNotRun', `the command "${file}" ${problem}`, { exitCode, cause: error }))
    })
    child.on('close', (code, signal) => {
      resolve(code ?? (signal === null ? 128 : statusOf(signal)))
    })
  })
}

const statusOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]
