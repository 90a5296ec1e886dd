import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { getProxyForUrl } from 'proxy-from-env'
import { firstGiven } from '../../config/azure-cli-profile.js'
import { shellQuoted, UsageError } from '../../errors.js'

type Environment = Readonly<Record<string, string | undefined>>

const inClusterToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** The kubeconfig files that kubectl would read: those of `KUBECONFIG` that are there, else `~/.kube/config`. */
function kubeconfigFiles(environment: Environment): string[] {
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '')
  if (listed.length > 0) return listed.filter(path => existsSync(path))
  const home = join(firstGiven(environment.HOME, environment.USERPROFILE) ?? homedir(), '.kube', 'config')
  return existsSync(home) ? [home] : []
}

/**
 * The cluster and the login that kubectl would use: the file that was named, else the merged kubeconfig files, else the pod's own service
 * account. Throws a UsageError where there is none of these, or where they do not say which cluster is meant. Asks nobody.
 */
export async function loadKubeconfig(environment: Environment, named?: string, context?: string): Promise<KubeConfig> {
  const files = named === undefined ? kubeconfigFiles(environment) : [named]
  if (files.length > 0) return throughProxy(select(await loadFiles(files), files, context))
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
      const each = index === 0 ? merged : new KubeConfig()
      await loadFile(each, file)
      if (index > 0) mergeInto(merged, each)
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

/** An empty file is one that names nothing; the SDK would stumble over it. */
async function loadFile(kubeconfig: KubeConfig, file: string): Promise<void> {
  const text = readFileSync(file, 'utf8')
  kubeconfig.loadFromString(text.trim() === '' ? '{"clusters":[],"users":[],"contexts":[]}' : text)
  kubeconfig.makePathsAbsolute(dirname(file))
  if (text.includes('tokenFile')) await useTokenFiles(kubeconfig, text, dirname(file))
  for (const { exec } of kubeconfig.users as { exec?: { command?: string } }[]) {
    // As with kubectl, a path is meant from the kubeconfig's folder, and a bare name is looked for on the PATH.
    if (exec?.command?.includes('/') === true) exec.command = resolve(dirname(file), exec.command)
  }
}

/** The SDK knows a user's `tokenFile` only in its own configuration of a pod. */
async function useTokenFiles(kubeconfig: KubeConfig, text: string, folder: string): Promise<void> {
  const { parse } = await import('../../config/yaml.js')
  const { users } = parse(text) as { users?: { name: string; user?: { tokenFile?: string } }[] }
  const files = new Map(
    (users ?? []).flatMap(({ name, user }) =>
      user?.tokenFile === undefined ? [] : [[name, resolve(folder, user.tokenFile)] as const]
    )
  )
  kubeconfig.users = kubeconfig.users.map(user => {
    const tokenFile = files.get(user.name)
    return tokenFile === undefined ? user : { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } }
  })
}

/** As with kubectl, the first file to name a thing, or to set the current context, wins. */
function mergeInto(merged: KubeConfig, other: KubeConfig): void {
  const newIn = <T extends { name: string }>(theirs: T[], ours: readonly T[]): T[] =>
    theirs.filter(({ name }) => ours.every(mine => mine.name !== name))
  other.clusters = newIn(other.clusters, merged.clusters)
  other.users = newIn(other.users, merged.users)
  other.contexts = newIn(other.contexts, merged.contexts)
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

/** Like kubectl, the cluster's own `proxy-url` first, then `HTTPS_PROXY` with `NO_PROXY`. */
function throughProxy(kubeconfig: KubeConfig): KubeConfig {
  const cluster = kubeconfig.getCurrentCluster()
  const proxy = cluster === null || cluster.proxyUrl !== undefined ? '' : getProxyForUrl(cluster.server)
  if (cluster === null || proxy === '') return kubeconfig
  kubeconfig.clusters = kubeconfig.clusters.map(each =>
    each.name === cluster.name ? { ...each, proxyUrl: proxy } : each
  )
  return kubeconfig
}
