import { readFile, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { AuthMethod } from '../config/auth-methods.js'
import type { AzureCliProfile } from '../config/azure-cli-profile.js'
import type { Settings } from '../config/settings.js'
import { LoginError, shellQuoted, UsageError } from '../errors.js'
import type { Log } from '../terminal/log.js'
import { readCertificate, readSecretFile, warnIfReadableByOthers } from './secret-files.js'

/** Everything that a login needs, validated without sending a request. */
export type Login =
  | { readonly method: 'cli' | 'azd' | 'default' }
  | { readonly method: 'client_secret'; readonly clientId: string; readonly clientSecret: string }
  | { readonly method: 'client_certificate'; readonly clientId: string; readonly certificate: string }
  | { readonly method: 'workload_identity'; readonly clientId: string; readonly tokenFile: string }
  | { readonly method: 'github'; readonly clientId: string; readonly requestUrl: string; readonly requestToken: string }
  | { readonly method: 'managed_identity' | 'device_code'; readonly clientId: string | undefined }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns the method that the user chose. By default, it is `client_secret` if the user gave a client ID and a secret, as in the Go azwi,
 * and `cli` otherwise.
 */
export function authMethod(settings: Settings): AuthMethod {
  const secret = settings.given('clientSecret') || settings.given('clientSecretFile')
  return settings.get('authMethod') ?? (settings.given('clientId') && secret ? 'client_secret' : 'cli')
}

/**
 * Reads a login from flags, environment and files. Throws a UsageError if something is missing or wrong, and a LoginError if the user is
 * not logged in with the chosen tool.
 */
export async function prepareLogin(
  settings: Settings,
  environment: Environment,
  profile: () => Promise<AzureCliProfile>,
  log: Pick<Log, 'warn'>
): Promise<Login> {
  const method = authMethod(settings)
  switch (method) {
    case 'cli':
      await checkAzureCli(environment, await profile())
      return { method }
    case 'azd':
      await checkOnPath(environment, 'azd', 'the Azure Developer CLI', 'https://aka.ms/azd-install')
      return { method }
    case 'default':
      return { method }
    case 'client_secret':
      return { method, clientId: settings.require('clientId'), clientSecret: await clientSecret(settings, log) }
    case 'client_certificate': {
      const clientId = settings.require('clientId')
      const certificatePath = settings.require('certificatePath')
      const keyPath = settings.get('privateKeyPath') ?? certificatePath
      const certificate = await readCertificate(settings.origin('certificatePath'), certificatePath, keyPath)
      await warnIfReadableByOthers(keyPath, log)
      return { method, clientId, certificate }
    }
    case 'workload_identity':
      return { method, clientId: settings.require('clientId'), tokenFile: await federatedTokenFile(environment) }
    case 'github':
      return { method, clientId: settings.require('clientId'), ...githubRunner(environment) }
    case 'managed_identity':
    case 'device_code':
      return { method, clientId: settings.get('clientId') }
  }
}

const otherMethods =
  'or log in otherwise, with --auth-method and the environment variables AZURE_CLIENT_ID and AZURE_CLIENT_SECRET'

async function checkAzureCli(
  environment: Environment,
  { directory, subscriptions, selected, broken }: AzureCliProfile
): Promise<void> {
  if (broken !== undefined) {
    throw new LoginError(
      'BrokenAzureProfile',
      `the Azure CLI's file ${broken.file} cannot be read: ${broken.reason}`,
      `az login writes it anew (${otherMethods})`
    )
  }
  if (subscriptions.length === 0 && selected === undefined) {
    throw new LoginError(
      'NotLoggedIn',
      `nobody is logged in to the Azure CLI: there is no subscription in ${join(directory, 'azureProfile.json')}`,
      `az login (${otherMethods})`
    )
  }
  await checkOnPath(environment, 'az', 'the Azure CLI', 'https://aka.ms/azure-cli')
}

async function checkOnPath(environment: Environment, name: string, title: string, site: string): Promise<void> {
  const folders = (environment.PATH ?? environment.Path ?? '').split(delimiter).filter(folder => folder !== '')
  for (const candidate of folders.flatMap(folder =>
    [name, `${name}.cmd`, `${name}.exe`].map(file => join(folder, file))
  )) {
    if (
      await stat(candidate).then(
        found => found.isFile(),
        () => false
      )
    )
      return
  }
  throw new LoginError(`No${name}`, `${title} (${name}) is not on the PATH`, `install it (${site}), ${otherMethods}`)
}

async function clientSecret(settings: Settings, log: Pick<Log, 'warn'>): Promise<string> {
  const file = settings.get('clientSecretFile')
  if (file === undefined) return settings.require('clientSecret')
  // AZURE_CLIENT_SECRET might be set for other tools. Only a second flag is a contradiction.
  if (settings.origin('clientSecret') === '--client-secret' && settings.given('clientSecret')) {
    throw new UsageError(
      '--client-secret and --client-secret-file both give the client secret',
      'leave out --client-secret'
    )
  }
  const secret = await readSecretFile('--client-secret-file', file)
  await warnIfReadableByOthers(file, log)
  return secret
}

/**
 * Returns the path of the federated token. Only checks that the file is readable: each login reads it again, because the kubelet replaces
 * it.
 */
async function federatedTokenFile(environment: Environment): Promise<string> {
  const path = environment.AZURE_FEDERATED_TOKEN_FILE
  if (path === undefined || path === '') {
    throw new LoginError(
      'NoWorkloadIdentity',
      'AZURE_FEDERATED_TOKEN_FILE is not set: this is not a pod with workload identity',
      'the pod template needs the label azure.workload.identity/use: "true"'
    )
  }
  try {
    await readFile(path)
  } catch (error) {
    throw new LoginError(
      'NoWorkloadIdentity',
      `AZURE_FEDERATED_TOKEN_FILE "${path}" cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
      `see: ls -l ${shellQuoted(path)}`
    )
  }
  return path
}

function githubRunner(environment: Environment): { requestUrl: string; requestToken: string } {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken } = environment
  if (requestUrl !== undefined && requestUrl !== '' && requestToken !== undefined && requestToken !== '')
    return { requestUrl, requestToken }
  throw new LoginError(
    'NoGitHubToken',
    'this job may not ask GitHub for an OIDC token: ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set',
    'add to the job: permissions: { id-token: write, contents: read }'
  )
}
