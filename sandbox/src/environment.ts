import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { kubeconfig } from './kubeconfig.js'
import { type Environment, proxyEnvironment } from './proxy-environment.js'
import type { State } from './state.js'

/** What `writeEnvironment` needs to know. */
export interface EnvironmentOptions {
  readonly state: State
  /** The sandbox's certificate authority. */
  readonly caPem: string
  /** The URL of the proxy for the cloud's own host names. Undefined if the sandbox only answers to localhost. */
  readonly proxyUrl: string | undefined
  /** The environment that the child process inherits. Only the proxy variables are read. */
  readonly inherited: Environment
}

/**
 * Writes the files that a child process needs into a directory and returns its environment variables. Creates the
 * directory, readable only by its owner, if it does not exist.
 *
 * `NODE_EXTRA_CA_CERTS` adds to the certificates that Node trusts, so its file holds only the sandbox's authority. The
 * other variables replace them: `SSL_CERT_FILE` (OpenSSL, Go), `REQUESTS_CA_BUNDLE` (Python's requests, and so `az`),
 * `CURL_CA_BUNDLE`. Their file also holds the public roots, so that the child can still connect to other hosts.
 */
export async function writeEnvironment(
  directory: string,
  { state, caPem, proxyUrl, inherited }: EnvironmentOptions
): Promise<Record<string, string>> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const files = {
    ca: join(directory, 'ca.pem'),
    bundle: join(directory, 'ca-bundle.pem'),
    kubeconfig: join(directory, 'kubeconfig')
  }
  const azureConfig = join(directory, 'azure')
  await Promise.all([
    mkdir(azureConfig, { recursive: true, mode: 0o700 }),
    writePrivately(files.ca, caPem),
    writePrivately(files.bundle, `${[caPem.trim(), ...rootCertificates].join('\n')}\n`),
    writePrivately(files.kubeconfig, kubeconfig(state, caPem))
  ])
  return {
    ...(proxyUrl === undefined ? addressesOnLoopback(state, inherited) : addressesOfCloud(state, proxyUrl, inherited)),
    AZURE_TENANT_ID: state.tenantId,
    AZURE_SUBSCRIPTION_ID: state.subscriptionId,
    AZURE_CLIENT_ID: state.operator.clientId,
    AZURE_CLIENT_SECRET: state.operator.clientSecret,
    // az keeps its login and the metadata of the cloud here. Its instance discovery would ask the public cloud.
    AZURE_CONFIG_DIR: azureConfig,
    AZURE_CORE_INSTANCE_DISCOVERY: 'false',
    KUBECONFIG: files.kubeconfig,
    NODE_EXTRA_CA_CERTS: files.ca,
    SSL_CERT_FILE: files.bundle,
    REQUESTS_CA_BUNDLE: files.bundle,
    CURL_CA_BUNDLE: files.bundle
  }
}

/** Returns the addresses of a sandbox on localhost. The client finds Graph and ARM in the metadata document. az reads only the version of 2019. */
function addressesOnLoopback({ endpoints }: State, inherited: Environment): Record<string, string> {
  return {
    ARM_CLOUD_METADATA_URL: `${endpoints.arm}/metadata/endpoints?api-version=2019-05-01`,
    AZURE_AUTHORITY_HOST: endpoints.entra,
    ...proxyEnvironment(inherited)
  }
}

/**
 * Returns the addresses of the cloud itself, which the proxy redirects to the sandbox. Clients know most of them
 * without configuration.
 */
function addressesOfCloud({ cloud: { hosts } }: State, url: string, inherited: Environment): Record<string, string> {
  return {
    AZURE_AUTHORITY_HOST: `https://${hosts.entra[0] ?? ''}`,
    ...proxyEnvironment(inherited, { url, hosts: Object.values(hosts).flat() })
  }
}

/** Writes a file that only its owner can read. Deletes an old file first, because `mode` applies only to a new one. */
async function writePrivately(path: string, content: string): Promise<void> {
  await rm(path, { force: true })
  await writeFile(path, content, { mode: 0o600, flag: 'wx' })
}
