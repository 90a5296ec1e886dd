import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { UsageError, shellQuoted } from '../../errors.js'
import type { SandboxOptions } from '../../sandbox/sandbox.js'

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
  const { cloudNamed, cloudNames } = await import('../../sandbox/sandbox.js')
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
  const { FaultsError, parseFaults } = await import('../../sandbox/sandbox.js')
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
