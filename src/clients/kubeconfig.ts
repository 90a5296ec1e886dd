import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { UsageError } from '../errors.js'

type Environment = Readonly<Record<string, string | undefined>>

const inClusterToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** The kubeconfig files that kubectl would read: those of `KUBECONFIG` that are there, else `~/.kube/config`. */
export function kubeconfigFiles(environment: Environment): string[] {
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '')
  if (listed.length > 0) return listed.filter(path => existsSync(path))
  const home = join(environment.HOME ?? environment.USERPROFILE ?? homedir(), '.kube', 'config')
  return existsSync(home) ? [home] : []
}

/**
 * The cluster and the login that kubectl would use: the merged kubeconfig files, else the pod's own service account.
 * Throws a UsageError where there is neither, or where the files do not say which cluster is meant. Asks nobody.
 */
export function loadKubeconfig(environment: Environment): KubeConfig {
  const files = kubeconfigFiles(environment)
  if (files.length > 0) return loadFiles(files)
  if (environment.KUBERNETES_SERVICE_HOST !== undefined && existsSync(inClusterToken)) {
    const kubeconfig = new KubeConfig()
    kubeconfig.loadFromCluster()
    return kubeconfig
  }
  const listed = environment.KUBECONFIG ?? ''
  const message = listed === '' ? 'there is no kubeconfig: neither KUBECONFIG nor ~/.kube/config' : `there is no kubeconfig at KUBECONFIG="${listed}"`
  throw new UsageError(message, 'for AKS: az aks get-credentials --name <cluster> --resource-group <group>')
}

function loadFiles(files: readonly string[]): KubeConfig {
  const merged = new KubeConfig()
  files.forEach((file, index) => {
    try {
      const each = index === 0 ? merged : new KubeConfig()
      each.loadFromFile(file)
      // The first file to name a context wins, as with kubectl.
      if (index > 0) merged.mergeConfig(each, merged.getCurrentContext() !== '')
    } catch (error) {
      throw new UsageError(`the kubeconfig ${file} cannot be read: ${(error as Error).message}`, 'see: kubectl config view', error)
    }
  })
  if (merged.getCurrentCluster() === null) {
    throw new UsageError(`the kubeconfig ${files.join(', ')} selects no cluster (current context "${merged.getCurrentContext()}")`, 'choose one: kubectl config use-context <context>')
  }
  return merged
}
