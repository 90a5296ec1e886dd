import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Cluster, KubeConfig, User } from '@kubernetes/client-node'

/** A user with the fields of its kubeconfig entry that the SDK drops. */
export type KubeconfigUser = User & {
  /** The headers of `as-groups`, `as-uid` and `as-user-extra`. The SDK sends only that of `as`. */
  readonly impersonationHeaders?: Readonly<Record<string, string | string[]>>
}

/** A cluster with the fields of its kubeconfig entry that the SDK drops. */
export type KubeconfigCluster = Cluster & {
  /** The extension `client.authentication.k8s.io/exec`, which is for the exec plugin of the user. */
  readonly execConfig?: unknown
}

interface UserEntry {
  readonly tokenFile?: string
  readonly 'as-groups'?: readonly string[]
  readonly 'as-uid'?: string
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>
}

interface ClusterEntry {
  readonly extensions?: readonly { readonly name?: string; readonly extension?: unknown }[]
}

interface Kubeconfig {
  readonly users?: readonly { readonly name: string; readonly user?: UserEntry | null }[]
  readonly clusters?: readonly { readonly name: string; readonly cluster?: ClusterEntry | null }[]
}

const execExtension = 'client.authentication.k8s.io/exec'
const droppedFields = ['tokenFile', 'as-groups', 'as-uid', 'as-user-extra', execExtension]

/**
 * Adds to a loaded kubeconfig the fields of its file that the SDK drops. The path of a token file is relative to the folder. Source of the fields:
 * Kubernetes reference, "client-go Credential Plugins" and "kubeconfig (v1)".
 */
export async function addDroppedFields(kubeconfig: KubeConfig, text: string, folder: string): Promise<void> {
  if (!droppedFields.some(field => text.includes(field))) return
  const { parse } = await import('../../yaml.js')
  const { users = [], clusters = [] } = parse(text) as Kubeconfig
  kubeconfig.users = kubeconfig.users.map(user => {
    const entry = users.find(({ name }) => name === user.name)?.user
    return entry ? withUserFields(user, entry, folder) : user
  })
  kubeconfig.clusters = kubeconfig.clusters.map((cluster): KubeconfigCluster => {
    const { extensions = [] } = clusters.find(({ name }) => name === cluster.name)?.cluster ?? {}
    const execConfig = extensions.find(({ name }) => name === execExtension)?.extension
    return execConfig === undefined ? cluster : { ...cluster, execConfig }
  })
}

function withUserFields(user: User, entry: UserEntry, folder: string): KubeconfigUser {
  const { tokenFile, 'as-groups': groups = [], 'as-uid': uid, 'as-user-extra': extra = {} } = entry
  const impersonationHeaders = {
    ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, [...values]])
    )
  }
  return {
    ...user,
    ...(tokenFile === undefined
      ? {}
      : { authProvider: { name: 'tokenFile', config: { tokenFile: resolve(folder, tokenFile) } } }),
    impersonationHeaders
  }
}

interface ExecPlugin {
  readonly apiVersion?: string
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly provideClusterInfo?: boolean
}

/**
 * Sets `KUBERNETES_EXEC_INFO` for the exec plugin of the current user, as kubectl does: with the cluster, if the plugin asks for it. Source: Kubernetes
 * API reference, ExecCredential.
 */
export function addExecInfo(kubeconfig: KubeConfig): void {
  const cluster: KubeconfigCluster | null = kubeconfig.getCurrentCluster()
  const user = kubeconfig.getCurrentUser()
  const plugin = user?.exec as ExecPlugin | undefined | null
  if (cluster === null || user === null || !plugin) return
  const info = {
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion ?? 'client.authentication.k8s.io/v1',
    spec: {
      ...(plugin.provideClusterInfo === true ? { cluster: execClusterInfo(cluster) } : {}),
      // The SDK gives the plugin no terminal.
      interactive: false
    }
  }
  const exec = {
    ...plugin,
    env: [...(plugin.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
  }
  kubeconfig.users = kubeconfig.users.map(entry => (entry.name === user.name ? { ...entry, exec } : entry))
}

function execClusterInfo({
  server,
  tlsServerName,
  skipTLSVerify,
  caData,
  caFile,
  proxyUrl,
  execConfig
}: KubeconfigCluster): object {
  const certificateAuthority = caData ?? (caFile === undefined ? undefined : readFileSync(caFile).toString('base64'))
  return {
    server,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
    ...(skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(certificateAuthority === undefined ? {} : { 'certificate-authority-data': certificateAuthority }),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
    ...(execConfig === undefined ? {} : { config: execConfig })
  }
}
