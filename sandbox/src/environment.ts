import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { type Environment, proxyEnvironment } from './proxy-environment.js'
import type { State } from './state.js'

export interface EnvironmentOptions {
  readonly state: State
  readonly caPem: string
  /** Where the proxy to the cloud's own host names is, in a sandbox that plays them. */
  readonly proxyUrl: string | undefined
  /** What the child inherits from whoever starts it. */
  readonly inherited: Environment
}

/**
 * Writes what a child process needs into a directory (made if need be, for its owner only) and answers with its environment.
 *
 * `NODE_EXTRA_CA_CERTS` adds to what Node trusts, so it names the authority alone. The others replace: OpenSSL and Go (`SSL_CERT_FILE`), Python's
 * requests and with it `az`, curl. A child that also talks to the real world should go on trusting it, so they name a bundle of the sandbox's
 * authority and the public roots.
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
  await Promise.all([
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
    KUBECONFIG: files.kubeconfig,
    NODE_EXTRA_CA_CERTS: files.ca,
    SSL_CERT_FILE: files.bundle,
    REQUESTS_CA_BUNDLE: files.bundle,
    CURL_CA_BUNDLE: files.bundle
  }
}

/** The metadata document leads to everything else. */
function addressesOnLoopback({ endpoints }: State, inherited: Environment): Record<string, string> {
  return {
    ARM_CLOUD_METADATA_URL: `${endpoints.arm}/metadata/endpoints?api-version=2022-09-01`,
    AZURE_AUTHORITY_HOST: endpoints.entra,
    ...proxyEnvironment(inherited)
  }
}

/** The addresses are the ones that every client has built in; the proxy leads them here. */
function addressesOfCloud({ cloud: { hosts } }: State, url: string, inherited: Environment): Record<string, string> {
  return {
    AZURE_AUTHORITY_HOST: `https://${hosts.entra[0] ?? ''}`,
    ...proxyEnvironment(inherited, { url, hosts: Object.values(hosts).flat() })
  }
}

/** `mode` counts only where the file is new, so an old one goes first. */
async function writePrivately(path: string, content: string): Promise<void> {
  await rm(path, { force: true })
  await writeFile(path, content, { mode: 0o600, flag: 'wx' })
}

/** A kubeconfig for the sandbox's cluster, authority and token embedded. JSON, which every reader of a kubeconfig takes for the YAML that it is. */
export function kubeconfig({ cluster, endpoints }: State, caPem: string): string {
  const { name } = cluster
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [
        {
          name,
          cluster: { server: endpoints.kubernetes, 'certificate-authority-data': Buffer.from(caPem).toString('base64') }
        }
      ],
      users: [{ name: 'azwi-sandbox-admin', user: { token: cluster.adminToken } }],
      contexts: [{ name, context: { cluster: name, user: 'azwi-sandbox-admin', namespace: 'default' } }]
    },
    null,
    2
  )}\n`
}
