import { describe, expect, it } from 'vitest'
import { credentialChecks } from '../../src/doctor/checks/credential.js'
import type { FederatedIdentityCredential } from '../../src/domain/credential.js'
import {
  application,
  audience,
  createEvidence,
  clientId,
  credential,
  type EvidenceChanges,
  issuer,
  managedIdentity,
  managedIdentityId,
  subject
} from './account-evidence.js'

const add = `azwi serviceaccount create phase federated-identity --service-account-namespace shop --service-account-name checkout --service-account-issuer-url ${issuer} --aad-application-client-id ${clientId}`
const update = (audiences = [audience]): string =>
  `az ad app federated-credential update --id ${clientId} --federated-credential-id own --parameters '${JSON.stringify({ issuer, subject, audiences })}'`

const findings = (different?: EvidenceChanges) => credentialChecks(createEvidence(different))
const withCredentials = (...credentials: FederatedIdentityCredential[]): EvidenceChanges => ({
  connection: { credentials }
})
const summary = (different?: EvidenceChanges) => findings(different).map(({ check, outcome }) => `${check} ${outcome}`)
const subjectOf = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`
/** Of other service accounts, which the cluster has or has not. */
const others = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    credential({ name: `other-${index}`, subject: subjectOf('shop', `other-account-${index}`) })
  )
const subjectsOf = (...credentials: readonly FederatedIdentityCredential[]) =>
  new Set([subject, ...credentials.map(each => each.subject)])

it.each([application, managedIdentity])('finds nothing wrong where all is well: $kind', identity => {
  expect(findings({ connection: { identity } })).toMatchObject([
    { outcome: 'ok', message: `the credential own trusts ${subject}` },
    { outcome: 'ok' },
    { check: 'credential-count', outcome: 'ok' }
  ])
})

describe('a slip in a credential is mended in place', () => {
  it.each<[Partial<FederatedIdentityCredential>, words: string]>([
    [{ issuer: issuer.slice(0, -1) }, 'its issuer lacks the slash at its end'],
    [{ issuer: `${issuer}/` }, 'its issuer has a slash too many at its end'],
    [{ issuer: ` ${issuer}` }, 'its issuer begins with a space'],
    [{ issuer: issuer.replace('https', 'http') }, 'its issuer begins with http:// in place of https://'],
    [
      { issuer: `${issuer}.well-known/openid-configuration` },
      'its issuer is the address of the discovery document, and not the issuer before it'
    ],
    [{ subject: subjectOf('Shop', 'checkout') }, 'its subject differs in letter case ("S" for "s")'],
    [{ subject: `${subject}\n` }, 'its subject ends with a line break'],
    [{ subject: subjectOf('checkout', 'shop') }, 'its subject has namespace and name swapped'],
    [
      { subject: subjectOf('shop', 'chekcout') },
      'its subject names the service account "chekcout", and not "checkout"'
    ],
    [{ subject: 'shop:checkout' }, 'its subject lacks "system:serviceaccount:" at character 1'],
    [{ subject: 'system:serviceaccount:shop/checkout' }, 'its subject has "/" in place of ":" at character 27'],
    [
      { issuer: issuer.slice(0, -1), subject: subjectOf('Shop', 'checkout') },
      'its issuer lacks the slash at its end, and its subject differs in letter case ("S" for "s")'
    ]
  ])('%j', (different, words) => {
    const [first, ...rest] = findings(withCredentials(credential(different)))
    expect(first).toMatchObject({
      check: 'credential',
      outcome: 'fail',
      message: `the credential own nearly trusts this service account: ${words}`,
      fix: [update()]
    })
    expect(rest.map(({ outcome }) => outcome)).toEqual(['skipped', 'ok'])
  })

  it('says what was found and what was expected, with carets', () => {
    const found = issuer.slice(0, -1)
    expect(findings(withCredentials(credential({ issuer: found })))[0]).toMatchObject({
      found,
      expected: issuer,
      details: [`found     ${found}`, `expected  ${issuer}`, `${' '.repeat(10 + found.length)}^`]
    })
  })

  it('mends a wrong audience on the way, and says so', () => {
    expect(
      findings(
        withCredentials(credential({ issuer: issuer.slice(0, -1), audiences: ['api://AzureADTokenExchangeChina'] }))
      )[0]
    ).toMatchObject({
      details: expect.arrayContaining(['its audience is the audience of the cloud AzureChinaCloud, too']) as unknown,
      fix: [update()]
    })
  })

  it('of a managed identity', () => {
    expect(
      findings({
        connection: { identity: managedIdentity, credentials: [credential({ issuer: issuer.slice(0, -1) })] }
      })[0]!.fix
    ).toEqual([
      `az identity federated-credential update --name own --identity-name shop --resource-group shop-group --subscription 55555555-5555-4555-8555-555555555555 --issuer ${issuer} --subject ${subject} --audiences ${audience}`
    ])
  })

  it('even where there is no room for another', () => {
    const full = [...others(19), credential({ issuer: issuer.slice(0, -1) })]
    expect(
      findings({ connection: { credentials: full }, account: { subjects: subjectsOf(...full) } })[0]
    ).toMatchObject({ check: 'credential', outcome: 'fail', fix: [update()] })
  })
})

describe('a credential that others may live by is left alone, and another added', () => {
  it.each<[what: string, FederatedIdentityCredential[], EvidenceChanges['account'], nearest: string | undefined]>([
    ['none at all', [], {}, undefined],
    [
      'one of another cluster',
      [credential({ issuer: 'https://other.example.com/' })],
      {},
      'own: its issuer is of another host: other.example.com, and not issuer.example.com'
    ],
    [
      'one of a service account with nearly the same name',
      [credential({ subject: subjectOf('shop', 'checkout2') })],
      { subjects: subjectsOf(credential({ subject: subjectOf('shop', 'checkout2') })) },
      'own: its subject names the service account "checkout2", and not "checkout"'
    ],
    [
      'one of nearly the same name, where service accounts may not be listed',
      [credential({ subject: subjectOf('shop', 'checkout2') })],
      { subjects: undefined },
      'own: its subject names the service account "checkout2", and not "checkout"'
    ],
    [
      'swapped, and such a service account is there',
      [credential({ subject: subjectOf('checkout', 'shop') })],
      { subjects: new Set([subjectOf('checkout', 'shop')]) },
      'own: its subject has namespace and name swapped'
    ],
    [
      'one that has nothing in common',
      [
        credential({
          issuer: 'https://token.actions.githubusercontent.com',
          subject: 'repo:shop/shop:ref:refs/heads/main'
        })
      ],
      {},
      undefined
    ]
  ])('%s', (_what, credentials, account, nearest) => {
    const [first] = findings({ connection: { credentials }, account })
    expect(first).toMatchObject({ check: 'credential', outcome: 'fail', fix: [add] })
    if (nearest !== undefined)
      expect(first!.message).toBe(`no credential trusts this service account; the nearest is ${nearest}`)
    else expect(first!.message).not.toContain('nearest')
  })

  it('to a managed identity', () => {
    expect(findings({ connection: { identity: managedIdentity, credentials: [] } })[0]!.fix).toEqual([
      add.replace(`--aad-application-client-id ${clientId}`, `--managed-identity-resource-id ${managedIdentityId}`)
    ])
  })
})

it('names the nearest of several', () => {
  const credentials = [
    credential({ name: 'cart', subject: subjectOf('shop', 'cart') }),
    credential({ name: 'elsewhere', issuer: 'https://other.example.com/' }),
    credential({ name: 'slip', issuer: issuer.slice(0, -1) })
  ]
  const nearest = (list: FederatedIdentityCredential[]) =>
    /(\w+)(?:: its| nearly)/.exec(
      findings({ connection: { credentials: list }, account: { subjects: subjectsOf(...list) } })[0]!.message
    )?.[1]
  expect([nearest(credentials), nearest(credentials.slice(0, 2)), nearest(credentials.slice(0, 1))]).toEqual([
    'slip',
    'elsewhere',
    'cart'
  ])
})

it.each([
  ['api://AzureADTokenExchangeUSGov', 'is the audience of the cloud AzureUSGovernmentCloud'],
  ['api://azureadtokenexchange', 'differs in letter case'],
  ['', 'is empty']
])('an audience %j is wrong', (found, words) => {
  expect(findings(withCredentials(credential({ audiences: found === '' ? [] : [found] })))).toMatchObject([
    { check: 'credential', outcome: 'ok' },
    {
      check: 'credential-audience',
      outcome: 'fail',
      message: `the audience of the credential own ${words}`,
      found,
      expected: audience,
      fix: [update()]
    },
    { check: 'credential-count', outcome: 'ok' }
  ])
})

describe('how many there are', () => {
  it.each<[what: string, count: number, living: number, outcome: string]>([
    ['few, some dead', 16, 0, 'ok'],
    ['many, all living', 17, 16, 'ok'],
    ['all that there may be, all living', 20, 19, 'ok'],
    ['many, one dead', 17, 15, 'warn']
  ])('%s', (_what, count, living, outcome) => {
    const rest = others(count - 1)
    const finding = findings({
      connection: { credentials: [credential(), ...rest] },
      account: { subjects: subjectsOf(...rest.slice(0, living)) }
    })[2]
    expect(finding).toMatchObject({ check: 'credential-count', outcome })
    if (outcome === 'warn')
      expect(finding!.fix).toEqual([
        `az ad app federated-credential delete --id ${clientId} --federated-credential-id other-15`
      ])
  })

  it('a dead one makes room for the one that is missing, which is the first failure', () => {
    const full = others(20)
    const different: EvidenceChanges = {
      connection: { credentials: full },
      account: { subjects: subjectsOf(...full.filter(({ name }) => name !== 'other-7')) }
    }
    expect(summary(different)).toEqual(['credential-count fail', 'credential skipped', 'credential-audience skipped'])
    expect(findings(different)[0]!.fix).toEqual([
      `az ad app federated-credential delete --id ${clientId} --federated-credential-id other-7`,
      add
    ])
  })

  it.each<[string, ReadonlySet<string> | undefined]>([
    ['none is dead', subjectsOf(...others(20))],
    ['it cannot be told', undefined]
  ])('the reader must choose where %s', (_what, subjects) => {
    expect(
      findings({ connection: { identity: managedIdentity, credentials: others(20) }, account: { subjects } })[0]!
        .fix![0]
    ).toBe(
      "az identity federated-credential delete --name '<name of one that is no longer used>' --identity-name shop --resource-group shop-group --subscription 55555555-5555-4555-8555-555555555555 --yes"
    )
  })

  it('does not call dead what is to be mended', () => {
    const rest = others(16)
    const swapped = credential({ subject: subjectOf('checkout', 'shop') })
    expect(
      summary({ connection: { credentials: [...rest, swapped] }, account: { subjects: subjectsOf(...rest) } })
    ).toEqual(['credential fail', 'credential-audience skipped', 'credential-count ok'])
  })

  it('knows nothing of the dead of other clusters', () => {
    const elsewhere = others(19).map(each => ({ ...each, issuer: 'https://other.example.com/' }))
    expect(summary({ connection: { credentials: [credential(), ...elsewhere] } })).toEqual([
      'credential ok',
      'credential-audience ok',
      'credential-count ok'
    ])
  })
})

describe('what could not be read', () => {
  it.each<[string, EvidenceChanges, string]>([
    [
      'credentials',
      {
        connection: { credentials: undefined },
        account: { unread: new Map([['credentials of applications', '403']]) }
      },
      'credentials of applications may not be read: 403'
    ],
    [
      'another tenant',
      { connection: { identity: { ...application, id: undefined }, credentials: undefined } },
      'the application "shop" lives in another tenant, and its credentials with it'
    ],
    ['no identity', { connection: { identity: null } }, `no identity has the client id "${clientId}"`]
  ])('%s', (_what, different, message) => {
    expect(findings(different).map(each => [each.outcome, each.message])).toEqual(Array(3).fill(['skipped', message]))
  })

  it('the issuer: a credential for the subject may be the one', () => {
    expect(summary({ connection: { issuer: undefined, credential: undefined } })).toEqual([
      'credential skipped',
      'credential-audience skipped',
      'credential-count ok'
    ])
  })

  it('the issuer: where none is for the subject, one is missing all the same', () => {
    const credentials = [credential({ subject: subjectOf('Shop', 'checkout') })]
    const fix = (aks: string | undefined) =>
      findings({
        connection: { issuer: undefined, credentials },
        ...(aks === undefined
          ? {}
          : { cluster: { aks: { value: { name: 'a', resourceGroup: 'g', issuer: aks, workloadIdentity: true } } } })
      })[0]!.fix
    expect(fix(undefined)).toEqual([add.replace(issuer, "'<issuer of the cluster>'")])
    expect(fix('https://aks.example.com/')).toEqual([add.replace(issuer, 'https://aks.example.com/')])
  })
})
