import type { ConnectedIdentity, Connection } from '../../src/connections/model.js'
import type { Evidence, ClusterEvidence, ServiceAccountEvidence } from '../../src/doctor/evidence/model.js'
import type { FederatedIdentityCredential } from '../../src/domain/credential.js'

export const issuer = 'https://issuer.example.com/cluster/'
export const subject = 'system:serviceaccount:shop:checkout'
export const audience = 'api://AzureADTokenExchange'
export const clientId = '11111111-1111-4111-8111-111111111111'
export const tenantId = '22222222-2222-4222-8222-222222222222'
export const principalId = '33333333-3333-4333-8333-333333333333'
export const otherGuid = '44444444-4444-4444-8444-444444444444'
export const managedIdentityId =
  '/subscriptions/55555555-5555-4555-8555-555555555555/resourcegroups/shop-group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop'

export const application: ConnectedIdentity = {
  kind: 'application',
  name: 'shop',
  clientId,
  id: otherGuid,
  principalId,
  enabled: true
}
export const managedIdentity: ConnectedIdentity = { ...application, kind: 'managed-identity', id: managedIdentityId }

export const credential = (different: Partial<FederatedIdentityCredential> = {}): FederatedIdentityCredential => ({
  name: 'own',
  issuer,
  subject,
  audiences: [audience],
  ...different
})

export interface EvidenceChanges {
  readonly annotations?: Record<string, string>
  readonly connection?: Partial<Connection>
  readonly account?: Partial<ServiceAccountEvidence> | undefined
  readonly cluster?: Partial<ClusterEvidence>
}

/** Creates the evidence of a healthy service account with the given changes. Derives the credential and the annotations of the connection from them. */
export function createEvidence({
  annotations = {},
  connection = {},
  account = {},
  cluster = {}
}: EvidenceChanges = {}): Evidence {
  const annotated: Record<string, string> = {
    'azure.workload.identity/client-id': clientId,
    'azure.workload.identity/tenant-id': tenantId,
    ...annotations
  }
  const credentials = 'credentials' in connection ? connection.credentials : [credential()]
  const holding = credentials?.find(each => each.subject === subject && each.issuer === issuer)
  return {
    cluster: {
      server: 'https://cluster.example.com',
      issuer: { value: issuer },
      keys: { unread: 'not asked' },
      published: undefined,
      aks: { value: null },
      webhook: { value: null },
      namespaces: { value: new Map([['shop', {}]]) },
      ...cluster
    },
    account: {
      namespace: 'shop',
      name: 'checkout',
      account: { metadata: { namespace: 'shop', name: 'checkout', annotations: annotated } },
      connection: {
        namespace: 'shop',
        name: 'checkout',
        clientId:
          (annotated['azure.workload.identity/client-id'] ?? '').trim() === ''
            ? ''
            : annotated['azure.workload.identity/client-id']!,
        tenantId: annotated['azure.workload.identity/tenant-id'],
        issuer,
        subject,
        identity: application,
        credentials,
        credential: credentials && (holding ?? null),
        roles: [{ id: 'an id', role: 'Reader', scope: '/subscriptions/s/resourceGroups/g' }],
        problems: [],
        ...connection
      },
      tenantId,
      audience,
      principal: { objectId: principalId, enabled: true },
      deletedApplication: null,
      trustingIdentity: undefined,
      subjects: new Set([subject]),
      workloads: { unread: 'not asked' },
      pods: { unread: 'not asked' },
      token: { unread: 'not asked' },
      exchange: { unread: 'not asked' },
      unread: new Map(),
      ...account
    }
  }
}
