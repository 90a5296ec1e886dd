import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { type Cluster, KubeConfig } from '@kubernetes/client-node'
import { getProxyForUrl } from 'proxy-from-env'
import { firstGiven } from '../../config/azure-cli-profile.js'
import { shellQuoted, UsageError } from '../../errors.js'
import { addDroppedFields, addExecInfo } from './kubeconfig-fields.js'

type Environment = Readonly<Record<string, string | undefined>>

const inClusterToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Returns the kubeconfig files that kubectl would read: the existing ones in `KUBECONFIG`, or else `~/.kube/config`. */
function kubeconfigFiles(environment: Environment): string[] {
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '')
  if (listed.length > 0) return listed.filter(path => existsSync(path))
  const home = join(firstGiven(environment.HOME, environment.USERPROFILE) ?? homedir(), '.kube', 'config')
  return existsSync(home) ? [home] : []
}

/**
 * Loads the cluster and the login that kubectl would use: from `file`, or else from the merged kubeconfig files, or else from the pod's
 * service account. Sends no request. Throws a UsageError if there is no kubeconfig, or if it selects no cluster.
 */
export async function loadKubeconfig(environment: Environment, file?: string, context?: string): Promise<KubeConfig> {
  const files = file === undefined ? kubeconfigFiles(environment) : [file]
  if (files.length > 0) {
    const kubeconfig = withProxy(withPlainHttp(select(await loadFiles(files), files, context)))
    addExecInfo(kubeconfig)
    return kubeconfig
  }
  if (environment.KUBERNETES_SERVICE_HOST !== undefined && existsSync(inClusterToken)) {
    const kubeconfig = new KubeConfig()
    kubeconfig.loadFromCluster()
    return kubeconfig
  }
  const listed = environment.KUBECONFIG ?? ''
  const message =
    listed === ''
      ? 'there is no kubeconfig: neither KUBECONFIG nor ~/.kube/config'
      : `there is no kubeconfig at KUBECONFIG="${listed}"`
  throw new UsageError(message, 'for AKS: az aks get-credentials --name <cluster> --resource-group <group>')
}

async function loadFiles(files: readonly string[]): Promise<KubeConfig> {
  const merged = new KubeConfig()
  for (const [index, file] of files.entries()) {
    try {
      const loaded = index === 0 ? merged : new KubeConfig()
      await loadFile(loaded, file)
      if (index > 0) mergeInto(merged, loaded)
    } catch (error) {
      throw new UsageError(
        `the kubeconfig ${file} cannot be read: ${(error as Error).message}`,
        'see: kubectl config view',
        error
      )
    }
  }
  return merged
}

/** Loads one file. The SDK fails on an empty file, which for kubectl is a kubeconfig without entries. */
async function loadFile(kubeconfig: KubeConfig, file: string): Promise<void> {
  const text = readFileSync(file, 'utf8')
  kubeconfig.loadFromString(text.trim() === '' ? '{"clusters":[],"users":[],"contexts":[]}' : text)
  kubeconfig.makePathsAbsolute(dirname(file))
  await addDroppedFields(kubeconfig, text, dirname(file))
  for (const { exec } of kubeconfig.users as { exec?: { command?: string } }[]) {
    // As in kubectl, a path is relative to the kubeconfig's folder, and a bare name is on the PATH.
    if (exec?.command?.includes('/') === true) exec.command = resolve(dirname(file), exec.command)
  }
}

/** Adds another file's entries. As in kubectl, the first file that has an entry, or that sets the current context, wins. */
function mergeInto(merged: KubeConfig, other: KubeConfig): void {
  const newEntries = <T extends { name: string }>(entries: T[], existing: readonly T[]): T[] =>
    entries.filter(entry => existing.every(({ name }) => name !== entry.name))
  other.clusters = newEntries(other.clusters, merged.clusters)
  other.users = newEntries(other.users, merged.users)
  other.contexts = newEntries(other.contexts, merged.contexts)
  merged.mergeConfig(other, merged.getCurrentContext() !== '')
}

function select(kubeconfig: KubeConfig, files: readonly string[], context: string | undefined): KubeConfig {
  const names = kubeconfig.getContexts().map(({ name }) => name)
  if (context !== undefined) {
    if (!names.includes(context))
      throw new UsageError(
        `--context "${context}" is not in the kubeconfig ${files.join(', ')}`,
        `it has ${names.join(', ') || 'no context at all'}`
      )
    kubeconfig.setCurrentContext(context)
  }
  if (kubeconfig.getCurrentCluster() !== null) return kubeconfig
  const selected = (kubeconfig.getCurrentContext() as string | undefined) ?? ''
  throw new UsageError(
    `the kubeconfig ${files.join(', ')} selects no cluster${selected === '' ? '' : ` (its current context "${selected}" is not in it)`}`,
    `choose one with --context, or: kubectl config use-context ${names[0] === undefined ? '<context>' : shellQuoted(names[0])}`
  )
}

/**
 * Lets the SDK send plain http to this machine, as for `kubectl proxy`. Throws a UsageError for plain http to any other machine, because the
 * credentials would be readable on the network.
 */
function withPlainHttp(kubeconfig: KubeConfig): KubeConfig {
  const cluster = kubeconfig.getCurrentCluster()
  if (cluster?.server.startsWith('http:') !== true || !URL.canParse(cluster.server)) return kubeconfig
  if (!isLoopback(new URL(cluster.server).hostname)) {
    throw new UsageError(
      `the kubeconfig's cluster "${cluster.name}" has the server ${cluster.server}, and azwi sends credentials only over https`,
      `kubectl config set-cluster ${shellQuoted(cluster.name)} --server=${shellQuoted(cluster.server.replace(/^http:/, 'https:'))}`
    )
  }
  return withCluster(kubeconfig, { ...cluster, skipTLSVerify: true })
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.')

const withCluster = (kubeconfig: KubeConfig, changed: Cluster): KubeConfig => {
  kubeconfig.clusters = kubeconfig.clusters.map(entry => (entry.name === changed.name ? changed : entry))
  return kubeconfig
}

/** Sets the cluster's proxy. As in kubectl, `proxy-url` comes before `HTTPS_PROXY` and `NO_PROXY`. */
function withProxy(kubeconfig: KubeConfig): KubeConfig {
  const cluster = kubeconfig.getCurrentCluster()
  const proxy = cluster === null || cluster.proxyUrl !== undefined ? '' : getProxyForUrl(cluster.server)
  return cluster === null || proxy === '' ? kubeconfig : withCluster(kubeconfig, { ...cluster, proxyUrl: proxy })
}
