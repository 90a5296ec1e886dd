import type { Evidence, ClusterEvidence, SigningKeySummary, TokenClaims } from '../../src/doctor/evidence/model.js'
import type { FederatedIdentityCredential } from '../../src/domain/credential.js'

export const issuer = 'https://oidc.example.com/cluster/'
export const discoveryUrl = `${issuer}.well-known/openid-configuration`
export const keysUrl = `${issuer}openid/v1/jwks`
export const subject = 'system:serviceaccount:shop:checkout'
export const audience = 'api://AzureADTokenExchange'
export const rsa = (kid: string): SigningKeySummary => ({ kid, kty: 'RSA', alg: 'RS256' })
export const ec = (kid: string): SigningKeySummary => ({ kid, kty: 'EC', alg: 'ES256' })

/** A healthy cluster outside AKS. */
export const healthyCluster: ClusterEvidence = {
  server: 'https://api.example.com:6443',
  issuer: { value: issuer },
  keys: { value: [rsa('one')] },
  published: {
    discovery: { url: discoveryUrl, value: { issuer, jwksUri: keysUrl, algorithms: ['RS256'] } },
    keys: { url: keysUrl, value: [rsa('one')] }
  },
  aks: { value: null },
  webhook: { value: null },
  namespaces: { unread: 'not part of these tests' }
}

export const publishing = (keys: readonly SigningKeySummary[]): ClusterEvidence['published'] => ({
  discovery: healthyCluster.published!.discovery,
  keys: { url: keysUrl, value: keys }
})

export const healthyToken: TokenClaims = {
  issuer,
  subject,
  audiences: [audience],
  keyId: 'one',
  algorithm: 'RS256',
  issuedAt: 1_767_225_600,
  notBefore: 1_767_225_600,
  expiresAt: 1_767_229_200
}
export const credential: FederatedIdentityCredential = {
  name: 'azwi-shop-checkout',
  issuer,
  subject,
  audiences: [audience]
}

/** Creates the evidence of a healthy service account in a healthy cluster, with the given changes. */
export function healthyEvidence(
  changes: {
    cluster?: Partial<ClusterEvidence>
    account?: Partial<Evidence['account']>
    credentials?: readonly FederatedIdentityCredential[] | undefined
  } = {}
): Evidence {
  const credentials = 'credentials' in changes ? changes.credentials : [credential]
  const identity = {
    kind: 'application',
    name: 'shop',
    clientId: '11111111-1111-1111-1111-111111111111',
    id: 'object',
    principalId: 'principal',
    enabled: true
  } as const
  return {
    cluster: { ...healthyCluster, ...changes.cluster },
    account: {
      namespace: 'shop',
      name: 'checkout',
      account: undefined,
      connection: {
        namespace: 'shop',
        name: 'checkout',
        clientId: identity.clientId,
        tenantId: undefined,
        issuer,
        subject,
        identity,
        credentials,
        credential: undefined,
        roles: [],
        problems: []
      },
      tenantId: '22222222-2222-2222-2222-222222222222',
      audience,
      principal: undefined,
      deletedApplication: undefined,
      trustingIdentity: undefined,
      subjects: undefined,
      workloads: { unread: '' },
      pods: { unread: '' },
      token: { value: healthyToken },
      exchange: {
        value: {
          accepted: true,
          tenantId: '22222222-2222-2222-2222-222222222222',
          resource: 'https://management.azure.com',
          expiresAt: 1_767_229_200
        }
      },
      unread: new Map(),
      ...changes.account
    }
  }
}
