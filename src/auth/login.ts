import { readFile, stat } from 'node:fs/promises'
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { delimiter, join } from 'node:path'
import type { AuthMethod } from '../config/auth-methods.js'
import type { AzureCliProfile } from '../config/azure-cli-profile.js'
import type { Settings } from '../config/settings.js'
import { LoginError, UsageError } from '../errors.js'

/** Everything that a login needs, checked as far as that goes without asking anybody. */
export type Login =
  | { readonly method: 'cli' }
  | { readonly method: 'client_secret'; readonly clientId: string; readonly clientSecret: string }
  | { readonly method: 'client_certificate'; readonly clientId: string; readonly certificate: string }

type Environment = Readonly<Record<string, string | undefined>>

/** The method that the user named; else a client id and a secret mean `client_secret`, as in the Go azwi. */
export function authMethod(settings: Settings): AuthMethod {
  return settings.get('authMethod') ?? (settings.given('clientId') && settings.given('clientSecret') ? 'client_secret' : 'cli')
}

/** Gathers a login from flags, environment and files. Throws a UsageError for what is missing, a LoginError where nobody is logged in. */
export async function prepareLogin(settings: Settings, environment: Environment, profile: () => Promise<AzureCliProfile>): Promise<Login> {
  const method = authMethod(settings)
  switch (method) {
    case 'cli':
      await checkAzureCli(environment, await profile())
      return { method }
    case 'client_secret':
      return { method, clientId: settings.require('clientId'), clientSecret: settings.require('clientSecret') }
    case 'client_certificate': {
      const clientId = settings.require('clientId')
      const certificatePath = settings.require('certificatePath')
      return { method, clientId, certificate: await readCertificate(certificatePath, settings.get('privateKeyPath') ?? certificatePath) }
    }
  }
}

const otherMethods = 'or log in otherwise, with --auth-method and the environment variables AZURE_CLIENT_ID and AZURE_CLIENT_SECRET'

async function checkAzureCli(environment: Environment, { directory, subscriptions, selected }: AzureCliProfile): Promise<void> {
  if (subscriptions.length === 0 && selected === undefined) {
    throw new LoginError('NotLoggedIn', `nobody is logged in to the Azure CLI: there is no subscription in ${join(directory, 'azureProfile.json')}`, `az login (${otherMethods})`)
  }
  const path = environment.PATH ?? environment.Path ?? ''
  const candidates = path.split(delimiter).filter(folder => folder !== '').flatMap(folder => ['az', 'az.cmd', 'az.exe'].map(name => join(folder, name)))
  for (const candidate of candidates) {
    if (await stat(candidate).then(found => found.isFile(), () => false)) return
  }
  throw new LoginError('NoAzureCli', 'the Azure CLI (az) is not on the PATH', `install it (https://aka.ms/azure-cli), ${otherMethods}`)
}

/** One PEM text of certificate and key, as @azure/identity wants it. Both must be readable and belong together. */
async function readCertificate(certificatePath: string, keyPath: string): Promise<string> {
  const certificateText = await readPem('--certificate-path', certificatePath)
  const keyText = keyPath === certificatePath ? certificateText : await readPem('--private-key-path', keyPath)
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(certificateText)
  } catch {
    throw new UsageError(`--certificate-path "${certificatePath}" holds no certificate`, 'it must hold a block that begins with -----BEGIN CERTIFICATE-----')
  }
  let key: KeyObject
  try {
    key = createPrivateKey(keyText)
  } catch {
    // What the library says of a broken key is not passed on: it is about a secret.
    throw new UsageError(`"${keyPath}" holds no private key that can be read`, 'give the key, unencrypted and in PEM, with --private-key-path')
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new UsageError(`the private key in "${keyPath}" does not belong to the certificate in "${certificatePath}"`, 'give the pair that was made together')
  }
  return keyPath === certificatePath ? certificateText : `${certificateText}\n${keyText}`
}

async function readPem(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${flag} "${path}" cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`, `see: ls -l ${path}`)
  }
}
