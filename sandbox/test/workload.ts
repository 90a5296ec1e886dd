import type { KubernetesObject } from '../src/kubernetes/cluster.js'
import type { Sandbox } from '../src/sandbox.js'
import { type Answer, askCluster } from './client.js'

export const apps = '/apis/apps/v1/namespaces/default'
export const core = '/api/v1/namespaces/default'

/** Returns a pod template with one container. */
export const template = (labels: Record<string, string> = {}, spec: object = {}): object => ({
  metadata: { labels: { app: 'app', ...labels } },
  spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec }
})

/** Returns a deployment, stateful set or daemon set with the name `app`. */
export const workload = (kind: string, spec: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'app' },
  spec: { selector: { matchLabels: { app: 'app' } }, template: template(), ...spec }
})

export const post = (sandbox: Sandbox, path: string, body: object): Promise<Answer> =>
  askCluster(sandbox, path, { method: 'POST', body })

/** Sends a patch, by default a strategic merge patch as from kubectl. */
export const patch = (sandbox: Sandbox, path: string, body: object, type = 'strategic-merge-patch'): Promise<Answer> =>
  askCluster(sandbox, path, { method: 'PATCH', body, headers: { 'content-type': `application/${type}+json` } })

/** Returns the pods of the default namespace, oldest first. */
export const podsOf = ({ state }: Sandbox): KubernetesObject[] =>
  [...state.cluster.pods.values()].filter(({ metadata }) => metadata.namespace === 'default')

export const podNames = (sandbox: Sandbox): string[] => podsOf(sandbox).map(({ metadata }) => metadata.name)
