import { describe, expect, it } from 'vitest'
import { issuerChecks, tokenIssuerCheck } from '../../src/doctor/checks/issuer.js'
import type { ClusterEvidence, PublishedIssuer, TokenClaims } from '../../src/doctor/evidence/model.js'
import type { CheckName, Finding } from '../../src/doctor/finding.js'
import {
  discoveryUrl,
  ec,
  healthyEvidence,
  healthyCluster,
  healthyToken,
  issuer,
  keysUrl,
  publishing,
  rsa
} from './cluster-evidence.js'

type Changes = Partial<ClusterEvidence>
const checked = (changes: Changes): Finding[] => issuerChecks({ ...healthyCluster, ...changes })
const outcomesOf = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ check, outcome }) => [check, outcome]))
const at = (findings: readonly Finding[], check: CheckName): Finding =>
  findings.find(finding => finding.check === check)!
const saying = (discovery: { issuer: unknown; jwksUri: unknown }): PublishedIssuer =>
  ({
    ...healthyCluster.published,
    discovery: { url: discoveryUrl, value: { ...discovery, algorithms: [] } }
  }) as PublishedIssuer
const put = (url: string, file: string): string =>
  `az rest --method put --url ${url} --headers x-ms-blob-type=BlockBlob x-ms-version=2023-11-03 Content-Type=application/json --resource https://storage.azure.com --body @${file}`
const publishKeys = ['kubectl get --raw /openid/v1/jwks > jwks.json', put(keysUrl, 'jwks.json')]
const publishDiscovery = [
  `printf '%s' '{"issuer":"${issuer}","jwks_uri":"${keysUrl}","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}' > openid-configuration.json`,
  put(discoveryUrl, 'openid-configuration.json')
]

const ok = {
  'issuer-https': 'ok',
  'issuer-algorithm': 'ok',
  'issuer-discovery': 'ok',
  'issuer-keys': 'ok',
  'issuer-rotation': 'ok'
}
const blind = {
  'issuer-https': 'skipped',
  'issuer-algorithm': 'ok',
  'issuer-discovery': 'skipped',
  'issuer-keys': 'skipped',
  'issuer-rotation': 'skipped'
}
const unusable = { ...blind, 'issuer-https': 'fail' }

describe('issuerChecks', () => {
  it.each<[string, Changes, Record<string, string>]>([
    ['a healthy issuer', {}, ok],
    [
      'the key set of an API server that names no algorithm',
      { keys: { value: [{ kid: 'one', kty: 'RSA', alg: undefined }] } },
      ok
    ],
    ['an issuer that could not be read', { issuer: { unread: 'forbidden' } }, blind],
    [
      'an AKS cluster without issuer',
      { aks: { value: { name: 'a', resourceGroup: 'g', issuer: undefined, workloadIdentity: true } } },
      blind
    ],
    ['an http issuer', { issuer: { value: 'http://oidc.example.com/' } }, unusable],
    [
      'the default name of kubeadm and kind',
      { issuer: { value: 'https://kubernetes.default.svc.cluster.local' } },
      unusable
    ],
    ['the short internal name', { issuer: { value: 'https://kubernetes.default.svc' } }, unusable],
    ['a private address', { issuer: { value: 'https://10.0.0.1:6443' } }, unusable],
    ['an issuer that is not a URL', { issuer: { value: 'kubernetes/serviceaccount' } }, unusable],
    [
      'an unreachable discovery document',
      { published: { discovery: { url: discoveryUrl, problem: 'connect ECONNREFUSED' }, keys: undefined } },
      { ...ok, 'issuer-discovery': 'fail', 'issuer-keys': 'skipped', 'issuer-rotation': 'skipped' }
    ],
    [
      'a discovery document with another slash',
      { published: saying({ issuer: issuer.slice(0, -1), jwksUri: keysUrl }) },
      { ...ok, 'issuer-discovery': 'fail' }
    ],
    [
      'a discovery document without issuer',
      { published: saying({ issuer: undefined, jwksUri: keysUrl }) },
      { ...ok, 'issuer-discovery': 'fail' }
    ],
    [
      'a discovery document without jwks_uri',
      { published: saying({ issuer, jwksUri: undefined }) },
      { ...ok, 'issuer-discovery': 'fail' }
    ],
    [
      'a jwks_uri that is not https',
      { published: saying({ issuer, jwksUri: 'http://oidc.example.com/keys' }) },
      { ...ok, 'issuer-discovery': 'fail' }
    ],
    [
      'a missing key set',
      { published: { ...healthyCluster.published!, keys: { url: keysUrl, problem: 'answered 404' } } },
      { ...ok, 'issuer-keys': 'fail', 'issuer-rotation': 'skipped' }
    ],
    [
      'a rotated key that is not published',
      { keys: { value: [rsa('two'), rsa('one')] } },
      { ...ok, 'issuer-keys': 'fail', 'issuer-rotation': 'skipped' }
    ],
    [
      'a cluster that was created again',
      { keys: { value: [rsa('two')] } },
      { ...ok, 'issuer-keys': 'fail', 'issuer-rotation': 'skipped' }
    ],
    [
      'keys that could not be read',
      { keys: { unread: 'forbidden' } },
      { ...ok, 'issuer-algorithm': 'skipped', 'issuer-keys': 'skipped', 'issuer-rotation': 'skipped' }
    ],
    ['an old key that is still published', { published: publishing([rsa('one'), rsa('old')]) }, ok],
    ['an ES256 key that is only published', { published: publishing([rsa('one'), ec('other')]) }, ok],
    [
      'an unpublished ES256 key that signs',
      { keys: { value: [ec('two')] } },
      { ...ok, 'issuer-algorithm': 'fail', 'issuer-keys': 'skipped', 'issuer-rotation': 'skipped' }
    ],
    [
      'a published ES256 key that signs',
      { keys: { value: [ec('two'), rsa('one')] }, published: publishing([ec('two'), rsa('one')]) },
      { ...ok, 'issuer-algorithm': 'fail' }
    ],
    [
      'an ES256 key in addition to the one that signs',
      { keys: { value: [rsa('one'), ec('two')] } },
      { ...ok, 'issuer-algorithm': 'warn' }
    ]
  ])('judges %s', (_, changes, expected) => {
    expect(outcomesOf(checked(changes))).toEqual(expected)
  })

  it('reports a key that Entra does not accept before keys that are not published', () => {
    expect(
      checked({ keys: { value: [ec('two'), rsa('three')] } })
        .filter(({ outcome }) => outcome === 'fail')
        .map(({ check }) => check)
    ).toEqual(['issuer-algorithm', 'issuer-keys'])
  })

  it('shows the flags of kube-apiserver for an unusable issuer', () => {
    expect(
      at(checked({ issuer: { value: 'https://kubernetes.default.svc.cluster.local' } }), 'issuer-https').details?.join()
    ).toMatch(/--service-account-issuer=.*--service-account-jwks-uri=/s)
  })

  it('publishes both documents if neither can be fetched', () => {
    const finding = at(
      checked({ published: { discovery: { url: discoveryUrl, problem: 'answered 404' }, keys: undefined } }),
      'issuer-discovery'
    )
    expect(finding.fix).toEqual([...publishDiscovery, ...publishKeys])
    expect(finding.message).toContain('answered 404')
  })

  it('publishes only a wrong discovery document, and keeps the address of the keys', () => {
    const elsewhere = 'https://keys.example.com/jwks'
    const finding = at(
      checked({ published: saying({ issuer: issuer.slice(0, -1), jwksUri: elsewhere }) }),
      'issuer-discovery'
    )
    expect(finding.fix).toEqual(publishDiscovery.map(line => line.replace(keysUrl, elsewhere)))
    expect(finding).toMatchObject({ found: issuer.slice(0, -1), expected: issuer })
  })

  it('publishes the key set if a key is missing, and names the key', () => {
    const finding = at(checked({ keys: { value: [rsa('one'), rsa('two')] } }), 'issuer-keys')
    expect(finding.fix).toEqual(publishKeys)
    expect(finding.message).toMatch(/lacks 1 key .*: two$/)
  })

  it('writes to the container of a static website', () => {
    const website = 'https://account.z6.web.core.windows.net/'
    const published: PublishedIssuer = {
      discovery: {
        url: `${website}.well-known/openid-configuration`,
        value: { issuer: website, jwksUri: `${website}jwks`, algorithms: [] }
      },
      keys: { url: `${website}jwks`, value: [] }
    }
    expect(at(checked({ issuer: { value: website }, published }), 'issuer-keys').fix?.[1]).toContain(
      "--url 'https://account.blob.core.windows.net/$web/jwks' "
    )
  })

  it.each([
    ['AKS', 'https://eastus.oic.prod-aks.azure.com/tenant/cluster/', 'AKS publishes'],
    ['AKS in China', 'https://chinanorth2.oic.prod-aks.azure.cn/tenant/cluster/', 'AKS publishes'],
    ['EKS', 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC', 'EKS publishes'],
    ['GKE', 'https://container.googleapis.com/v1/projects/p/locations/l/clusters/c', 'GKE publishes']
  ])('does not publish for an issuer of %s', (_, hosted, expected) => {
    const published: PublishedIssuer = {
      discovery: { url: `${hosted}/.well-known/openid-configuration`, problem: 'answered 404' },
      keys: undefined
    }
    const finding = at(checked({ issuer: { value: hosted }, published }), 'issuer-discovery')
    expect(finding.details?.[0]).toContain(expected)
    expect(finding.fix).toBeUndefined()
  })

  it('reconciles an AKS cluster that the login can read', () => {
    const hosted = 'https://eastus.oic.prod-aks.azure.com/tenant/cluster/'
    const published: PublishedIssuer = { discovery: { url: hosted, problem: 'answered 404' }, keys: undefined }
    const aks = { value: { name: 'prod', resourceGroup: 'group', issuer: hosted, workloadIdentity: true } }
    expect(at(checked({ issuer: { value: hosted }, published, aks }), 'issuer-discovery').fix).toEqual([
      'az aks update --name prod --resource-group group --enable-oidc-issuer --enable-workload-identity'
    ])
  })

  it('names published keys that the API server no longer has', () => {
    expect(at(checked({ published: publishing([rsa('one'), rsa('old')]) }), 'issuer-rotation').message).toContain(
      '(old)'
    )
  })
})

describe('tokenIssuerCheck', () => {
  const tokenChecked = (token: Partial<TokenClaims>, cluster: Changes = {}): Finding =>
    tokenIssuerCheck(healthyEvidence({ cluster, account: { token: { value: { ...healthyToken, ...token } } } }))[0]!

  it.each<[string, Partial<TokenClaims>, Changes, string]>([
    ['a healthy token', {}, {}, 'ok'],
    ['a token whose issuer lacks the slash', { issuer: issuer.slice(0, -1) }, {}, 'fail'],
    ['an ES256 token of a cluster with RS256 keys', { algorithm: 'ES256' }, {}, 'fail'],
    ['a token with an unpublished key', { keyId: 'two' }, { keys: { unread: 'forbidden' } }, 'fail'],
    ['a token without key ID', { keyId: undefined }, {}, 'fail'],
    ['a token whose key the check issuer-keys reports', { keyId: 'two' }, { keys: { value: [rsa('two')] } }, 'skipped'],
    [
      'a token whose algorithm the check issuer-algorithm reports',
      { algorithm: 'ES256', keyId: 'two' },
      { keys: { value: [ec('two')] } },
      'skipped'
    ],
    [
      'a cluster without workload identity',
      {},
      { aks: { value: { name: 'a', resourceGroup: 'g', issuer, workloadIdentity: false } } },
      'ok'
    ]
  ])('judges %s', (_, token, cluster, outcome) => {
    expect(tokenChecked(token, cluster).outcome).toBe(outcome)
  })

  it('reports why there is no token', () => {
    expect(
      tokenIssuerCheck(healthyEvidence({ account: { token: { unread: 'TokenRequest is forbidden' } } }))
    ).toMatchObject([{ outcome: 'skipped', message: expect.stringContaining('TokenRequest is forbidden') as string }])
  })

  it("publishes the key set if it lacks the token's key", () => {
    expect(tokenChecked({ keyId: 'two' }, { keys: { unread: 'forbidden' } })).toMatchObject({
      expected: 'two',
      found: 'one',
      fix: publishKeys
    })
  })
})
