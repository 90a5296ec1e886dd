import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expectNoSecrets } from './no-secrets.js'

export const binary = fileURLToPath(new URL('../../bin/azwi.js', import.meta.url))

export interface ProcessResult {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<ProcessResult>
  /** Resolves when this has been written to either stream. */
  readonly waitForOutput: (text: string | RegExp) => Promise<void>
}

/** Starts the real binary in the environment of this process, with changes. */
export function start(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {}
): RunningProcess {
  return startFile(process.execPath, [binary, ...words], environment)
}

export const run = (
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {}
): Promise<ProcessResult> => start(words, environment).ended

export function startFile(
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): RunningProcess {
  const env: Record<string, string | undefined> = {
    ...process.env,
    CI: undefined,
    FORCE_COLOR: undefined,
    NO_COLOR: undefined,
    ...environment
  }
  const child = spawn(file, words, {
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  const ended = new Promise<ProcessResult>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => {
      try {
        expectNoSecrets(output.stdout + output.stderr, env, words.slice(1))
        resolve({ status, signal, ...output })
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
  const waitForOutput = async (text: string | RegExp): Promise<void> => {
    while ((output.stdout + output.stderr).search(text) < 0) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`ended without writing ${String(text)}:\n${output.stdout}${output.stderr}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
  return { child, ended, waitForOutput }
}
