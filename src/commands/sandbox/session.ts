import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import type { LoggedRequest, Sandbox, SandboxOptions } from 'azwi-sandbox'
import { shellQuoted, UsageError } from '../../errors.js'

/** A running sandbox, and how to use it. */
interface Session {
  readonly sandbox: Sandbox
  /** The variables with which a process uses the sandbox: endpoints, trust, kubeconfig and a login. */
  readonly environment: Readonly<Record<string, string>>
  /** The variables that the process must not inherit. */
  readonly unwanted: readonly string[]
}

/** Variables that select another cloud than the one that `--cloud` simulates under its real host names. */
const cloudVariables = ['ARM_CLOUD_METADATA_URL', 'ARM_METADATA_HOSTNAME']

/**
 * Starts a sandbox and does the work. Always closes the sandbox and deletes its files afterwards, even if the work fails. Throws a
 * UsageError for invalid flags before it starts anything.
 */
export async function withSandbox<T>(io: Io, flags: SandboxFlags, work: (session: Session) => Promise<T>): Promise<T> {
  const { startSandbox } = await import('azwi-sandbox')
  const options = await readSandboxFlags(flags)
  const directory = await mkdtemp(join(tmpdir(), 'azwi-sandbox-'))
  try {
    const sandbox = await startSandbox(options)
    try {
      const environment = await sandbox.environment(directory, io.host.environment)
      return await work({ sandbox, environment, unwanted: options.cloud === undefined ? [] : cloudVariables })
    } finally {
      await sandbox.close()
      if (flags.requestLog !== undefined) await writeFile(flags.requestLog, sandbox.requests.map(line).join(''))
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function line(request: LoggedRequest): string {
  return `${JSON.stringify(request)}\n`
}

/** The flags of both verbs, as commander collects them. */
export interface SandboxFlags {
  readonly cloud?: string
  readonly faults?: string
  readonly seed?: string
  readonly requestLog?: string
}

/** Declares the flags that configure the sandbox. */
export function addSandboxFlags(command: Command): Command {
  return command
    .option(
      '--cloud <name>',
      'play this cloud, its host names included: AzurePublicCloud, AzureUSGovernmentCloud, AzureChinaCloud'
    )
    .option('--faults <file>', 'what goes wrong: a JSON file, or the JSON itself (format: docs/sandbox.md)')
    .option('--seed <n>', 'makes the faults that look like chance the same each time (default: 0)')
    .option(
      '--request-log <file>',
      'write every request there as a line of JSON: host, method, path, status, audience; no secrets'
    )
}

/** Converts the flags to options of the sandbox, and empties the file of `--request-log`. Throws a UsageError for an invalid value. */
export async function readSandboxFlags({ cloud, faults, seed, requestLog }: SandboxFlags): Promise<SandboxOptions> {
  const { cloudNamed, cloudNames } = await import('azwi-sandbox')
  const name = cloud === undefined ? undefined : cloudNamed(cloud)
  if (cloud !== undefined && name === undefined) {
    throw new UsageError(
      `--cloud: the sandbox does not play a cloud named "${cloud}"`,
      `use one of ${cloudNames.join(', ')}`
    )
  }
  if (seed !== undefined && !/^\d{1,9}$/.test(seed))
    throw new UsageError(`--seed "${seed}" is not a whole number`, 'for example: --seed 42')
  if (requestLog !== undefined) await emptyFile(requestLog)
  return {
    ...(name === undefined ? {} : { cloud: name }),
    ...(faults === undefined ? {} : { faults: await readFaults(faults) }),
    ...(seed === undefined ? {} : { seed: Number(seed) })
  }
}

/** Empties a file, so that a file that cannot be written fails before the work and not after it. */
async function emptyFile(path: string): Promise<void> {
  try {
    await writeFile(path, '')
  } catch (error) {
    throw new UsageError(
      `--request-log: "${path}" cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
      undefined,
      error
    )
  }
}

async function readFaults(given: string): Promise<NonNullable<SandboxOptions['faults']>> {
  const inline = given.trimStart().startsWith('{')
  const { FaultsError, parseFaults } = await import('azwi-sandbox')
  try {
    return parseFaults(inline ? given : await readFaultsFile(given))
  } catch (error) {
    if (!(error instanceof FaultsError)) throw error
    throw new UsageError(
      `--faults${inline ? '' : ` ${given}`}: ${error.message}`,
      'the format is described in docs/sandbox.md',
      error
    )
  }
}

async function readFaultsFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(
      `--faults: "${path}" cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
      `see: ls -l ${shellQuoted(path)}`,
      error
    )
  }
}
