import type { State } from './state.js'

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
