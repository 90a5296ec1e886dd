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
import { colorsFor, type Io } from '../../terminal/io.js'
import { tokenView } from '../../terminal/views/token.js'
import { refuseContradictions } from '../../identities/choice.js'
import { readGivenCredentials, identityOptions } from './given-identity.js'

export interface OfflineFlags extends Readonly<Record<string, unknown>> {
  readonly tokenFile?: string
  readonly error?: string
}

const names = [...identityOptions, 'timeout', ...azureOptions] as const satisfies readonly OptionName[]
/** What is about a cluster, or about the report. */
const foreignFlags = [
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

const group = 'Without a cluster:'

/** Declares the flags by which the doctor looks at a single thing, without any cluster. */
export function addOfflineFlags(command: Command): Command {
  for (const [flag, description] of [
    ['--token-file <file>', 'say what is in this service account token (- reads stdin); it is never shown'],
    ['--aad-application-client-id <guid>', 'with --token-file: the identity whose credentials to try, of either kind'],
    ['--managed-identity-resource-id <id>', 'the same, by the resource id of a managed identity'],
    ['--error <text>', 'explain the text of an AADSTS error']
  ] as const)
    command.addOption(command.createOption(flag, description).helpGroup(group))
  return command
}

/**
 * Does what `--token-file` and `--error` ask for; false where neither is given. Throws a UsageError for flags that have no meaning beside them,
 * and an ExitStatus where Entra would not take the token.
 */
export async function runOffline(io: Io, name: string | undefined, flags: OfflineFlags): Promise<boolean> {
  const { tokenFile, error } = flags
  const settings = new Settings(names, flags, io.host.environment)
  refuseContradictions(settings)
  if (tokenFile === undefined) {
    const identity = identityOptions.find(each => settings.given(each))
    if (identity !== undefined)
      throw new UsageError(
        `${flagOf(identity)} has no meaning without --token-file`,
        `add --token-file <file>, or leave out ${flagOf(identity)}`
      )
    if (error === undefined) return false
  }
  const own = tokenFile === undefined ? '--error' : '--token-file'
  const line = `azwi doctor ${own} ${shellQuoted(tokenFile ?? '<text>')}`
  const others = [
    ...(tokenFile === undefined || error === undefined ? [] : ['--error']),
    ...(name === undefined ? [] : [name]),
    ...foreignFlags
      .filter(flag => flags[flag] !== undefined)
      .map(flag => `--${flag === 'allNamespaces' ? 'all-namespaces' : flag}`)
  ]
  if (others.length > 0) throw new UsageError(`${own} does not go with ${others.join(', ')}`, line)
  if (io.format === 'junit') throw new UsageError(`-o junit is for reports, and ${own} makes none`, `${line} -o json`)

  const colors = colorsFor(io.host.stdout, io.host.environment)
  if (tokenFile === undefined) {
    await io.result(explainedErrorView(explainError(error ?? ''), colors))
    return true
  }
  const claims = decodeToken(
    await readToken(io, tokenFile),
    tokenFile === '-' ? 'stdin' : `--token-file ${JSON.stringify(tokenFile)}`
  )
  const trusted = await readGivenCredentials(io, settings)
  const view = tokenView(
    describeToken(claims, new Date()),
    trusted && { identity: trusted.identity, ...findAcceptingCredential(claims, trusted.credentials) },
    colors
  )
  await io.result(view)
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
