import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import { azureOptions, flagOf, type OptionName } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import { explainError } from '../../doctor/explain/error.js'
import { describeToken, findAcceptingCredential } from '../../doctor/explain/token.js'
import { decodeToken } from '../../doctor/evidence/token.js'
import { ExitCode, ExitStatus, shellQuoted, UsageError } from '../../errors.js'
import { explainedErrorView } from '../../terminal/views/explained-error.js'
import { colorsFor } from '../../terminal/colors.js'
import type { Io } from '../../terminal/io.js'
import { tokenView } from '../../terminal/views/token.js'
import { refuseContradictions } from '../../identities/choice.js'
import { identityOptions, readGivenCredentials } from './given-identity.js'

/** The flags that `addOfflineFlags` declares, as commander collects them. */
export interface OfflineFlags extends Readonly<Record<string, unknown>> {
  readonly tokenFile?: string
  readonly error?: string
}

const optionNames = [...identityOptions, 'timeout', ...azureOptions] as const satisfies readonly OptionName[]
/** The flags that need a cluster or a report. */
const clusterFlags = [
  'namespace',
  'allNamespaces',
  'pod',
  'deployment',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
  'resource',
  'strict'
]

const helpGroup = 'Without a cluster:'

/** Declares the flags that examine a token or an error without a cluster. */
export function addOfflineFlags(command: Command): Command {
  for (const [flag, description] of [
    ['--token-file <file>', 'say what is in this service account token (- reads stdin); it is never shown'],
    ['--aad-application-client-id <guid>', 'with --token-file: the identity whose credentials to try, of either kind'],
    ['--managed-identity-resource-id <id>', 'the same, by the resource id of a managed identity'],
    ['--error <text>', 'explain the text of an AADSTS error']
  ] as const)
    command.addOption(command.createOption(flag, description).helpGroup(helpGroup))
  return command
}

/**
 * Examines the token of `--token-file` or the text of `--error`, and prints the result. Returns false if neither flag is given.
 *
 * @throws UsageError for flags that need a cluster or a report
 * @throws ExitStatus if Entra would not accept the token
 */
export async function runOffline(io: Io, name: string | undefined, flags: OfflineFlags): Promise<boolean> {
  const { tokenFile, error } = flags
  const settings = new Settings(optionNames, flags, io.host.environment)
  refuseContradictions(settings)
  if (tokenFile === undefined) {
    const identity = identityOptions.find(option => settings.given(option))
    if (identity !== undefined)
      throw new UsageError(
        `${flagOf(identity)} has no meaning without --token-file`,
        `add --token-file <file>, or leave out ${flagOf(identity)}`
      )
    if (error === undefined) return false
  }
  const flag = tokenFile === undefined ? '--error' : '--token-file'
  const line = `azwi doctor ${flag} ${shellQuoted(tokenFile ?? '<text>')}`
  const others = [
    ...(tokenFile === undefined || error === undefined ? [] : ['--error']),
    ...(name === undefined ? [] : [name]),
    ...clusterFlags
      .filter(key => flags[key] !== undefined)
      .map(key => `--${key === 'allNamespaces' ? 'all-namespaces' : key}`)
  ]
  if (others.length > 0) throw new UsageError(`${flag} does not go with ${others.join(', ')}`, line)
  if (io.format === 'junit') throw new UsageError(`-o junit is for reports, and ${flag} makes none`, `${line} -o json`)

  const colors = colorsFor(io.host.stdout, io.host.environment)
  if (tokenFile === undefined) {
    await io.printResult(explainedErrorView(explainError(error ?? ''), colors))
    return true
  }
  const claims = decodeToken(
    await readToken(io, tokenFile),
    tokenFile === '-' ? 'stdin' : `--token-file ${JSON.stringify(tokenFile)}`
  )
  const given = await readGivenCredentials(io, settings)
  const view = tokenView(
    describeToken(claims, new Date()),
    given && { identity: given.identity, ...findAcceptingCredential(claims, given.credentials) },
    colors
  )
  await io.printResult(view)
  if (!view.hasPassed) throw new ExitStatus(ExitCode.failed)
  return true
}

async function readToken(io: Io, file: string): Promise<string> {
  if (file === '-') return readAll(io.host.stdin)
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(
      `--token-file ${JSON.stringify(file)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
      `see: ls -l ${shellQuoted(file)}`,
      error
    )
  })
}
