import type { State } from './state.js'

/**
 * Returns a kubeconfig for the sandbox's cluster, with the certificate authority and the token embedded. It is JSON,
 * which is valid YAML.
 */
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
