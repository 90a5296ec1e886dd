import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import type { LoggedRequest, Sandbox, SandboxOptions } from 'azwi-sandbox'
import { shellQuoted, UsageError } from '../../errors.js'

export interface Session {
  readonly sandbox: Sandbox
  /** What a process needs in its environment to use the sandbox: endpoints, trust, kubeconfig and a login. */
  readonly environment: Readonly<Record<string, string>>
  /** Variables that it must not inherit. */
  readonly unwanted: readonly string[]
}

/** By these a client would look for another cloud than the one that is played under its real names. */
const otherClouds = ['ARM_CLOUD_METADATA_URL', 'ARM_METADATA_HOSTNAME']

/** Starts a sandbox, does the work, and ends it and its files again, whatever happens. Bad flags are refused before anything starts. */
export async function withSandbox<T>(io: Io, flags: SandboxFlags, work: (session: Session) => Promise<T>): Promise<T> {
  const { startSandbox } = await import('azwi-sandbox')
  const options = await readSandboxFlags(flags)
  const directory = await mkdtemp(join(tmpdir(), 'azwi-sandbox-'))
  try {
    const sandbox = await startSandbox(options)
    try {
      const environment = await sandbox.environment(directory, io.host.environment)
      return await work({ sandbox, environment, unwanted: options.cloud === undefined ? [] : otherClouds })
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

/** What the flags of both verbs say, as commander collected it. */
export interface SandboxFlags {
  readonly cloud?: string
  readonly faults?: string
  readonly seed?: string
  readonly requestLog?: string
}

/** Adds the flags that say what kind of cloud the sandbox is. */
export function withSandboxFlags(command: Command): Command {
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

/** Reads the flags. Throws a UsageError for what cannot be meant. */
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

/** Now, and not when the work is done and the log is lost. */
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
