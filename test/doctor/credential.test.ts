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
/** Credentials for other service accounts of this issuer. */
const others = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    credential({ name: `other-${index}`, subject: subjectOf('shop', `other-account-${index}`) })
  )
const subjectsOf = (...credentials: readonly FederatedIdentityCredential[]) =>
  new Set([subject, ...credentials.map(each => each.subject)])

it.each([application, managedIdentity])('accepts a healthy $kind', identity => {
  expect(findings({ connection: { identity } })).toMatchObject([
    { outcome: 'ok', message: `the credential own trusts ${subject}` },
    { outcome: 'ok' },
    { check: 'credential-count', outcome: 'ok' }
  ])
})

describe('a mistyped credential', () => {
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
  ])('is updated: %j', (different, words) => {
    const [first, ...rest] = findings(withCredentials(credential(different)))
    expect(first).toMatchObject({
      check: 'credential',
      outcome: 'fail',
      message: `the credential own nearly trusts this service account: ${words}`,
      fix: [update()]
    })
    expect(rest.map(({ outcome }) => outcome)).toEqual(['skipped', 'ok'])
  })

  it('is shown with the found and the expected value, and carets', () => {
    const found = issuer.slice(0, -1)
    expect(findings(withCredentials(credential({ issuer: found })))[0]).toMatchObject({
      found,
      expected: issuer,
      details: [`found     ${found}`, `expected  ${issuer}`, `${' '.repeat(10 + found.length)}^`]
    })
  })

  it('gets the right audience too, with a note', () => {
    expect(
      findings(
        withCredentials(credential({ issuer: issuer.slice(0, -1), audiences: ['api://AzureADTokenExchangeChina'] }))
      )[0]
    ).toMatchObject({
      details: expect.arrayContaining(['its audience is the audience of the cloud AzureChinaCloud, too']) as unknown,
      fix: [update()]
    })
  })

  it('is updated in a managed identity', () => {
    expect(
      findings({
        connection: { identity: managedIdentity, credentials: [credential({ issuer: issuer.slice(0, -1) })] }
      })[0]!.fix
    ).toEqual([
      `az identity federated-credential update --name own --identity-name shop --resource-group shop-group --subscription 55555555-5555-4555-8555-555555555555 --issuer ${issuer} --subject ${subject} --audiences ${audience}`
    ])
  })

  it('is updated even if the identity has no room for another', () => {
    const full = [...others(19), credential({ issuer: issuer.slice(0, -1) })]
    expect(
      findings({ connection: { credentials: full }, account: { subjects: subjectsOf(...full) } })[0]
    ).toMatchObject({ check: 'credential', outcome: 'fail', fix: [update()] })
  })
})

describe('a missing credential', () => {
  it.each<[what: string, FederatedIdentityCredential[], EvidenceChanges['account'], nearest: string | undefined]>([
    ['the identity has none', [], {}, undefined],
    [
      'one is for another cluster',
      [credential({ issuer: 'https://other.example.com/' })],
      {},
      'own: its issuer is of another host: other.example.com, and not issuer.example.com'
    ],
    [
      'one is for an existing service account with a similar name',
      [credential({ subject: subjectOf('shop', 'checkout2') })],
      { subjects: subjectsOf(credential({ subject: subjectOf('shop', 'checkout2') })) },
      'own: its subject names the service account "checkout2", and not "checkout"'
    ],
    [
      'one is for a similar name, and service accounts cannot be listed',
      [credential({ subject: subjectOf('shop', 'checkout2') })],
      { subjects: undefined },
      'own: its subject names the service account "checkout2", and not "checkout"'
    ],
    [
      'one has namespace and name swapped, and such a service account exists',
      [credential({ subject: subjectOf('checkout', 'shop') })],
      { subjects: new Set([subjectOf('checkout', 'shop')]) },
      'own: its subject has namespace and name swapped'
    ],
    [
      'one has nothing in common',
      [
        credential({
          issuer: 'https://token.actions.githubusercontent.com',
          subject: 'repo:shop/shop:ref:refs/heads/main'
        })
      ],
      {},
      undefined
    ]
  ])('is added if %s', (_what, credentials, account, nearest) => {
    const [first] = findings({ connection: { credentials }, account })
    expect(first).toMatchObject({ check: 'credential', outcome: 'fail', fix: [add] })
    if (nearest !== undefined)
      expect(first!.message).toBe(`no credential trusts this service account; the nearest is ${nearest}`)
    else expect(first!.message).not.toContain('nearest')
  })

  it('is added to a managed identity', () => {
    expect(findings({ connection: { identity: managedIdentity, credentials: [] } })[0]!.fix).toEqual([
      add.replace(`--aad-application-client-id ${clientId}`, `--managed-identity-resource-id ${managedIdentityId}`)
    ])
  })
})

it('names the nearest of several credentials', () => {
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
])('fails for the audience %j', (found, words) => {
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

describe('the number of credentials', () => {
  it.each<[what: string, count: number, living: number, outcome: string]>([
    ['few, some orphaned', 16, 0, 'ok'],
    ['many, none orphaned', 17, 16, 'ok'],
    ['the maximum, none orphaned', 20, 19, 'ok'],
    ['many, one orphaned', 17, 15, 'warn']
  ])('is judged: %s', (_what, count, living, outcome) => {
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

  it('fails first if there is no room for the missing one, and deletes an orphaned one', () => {
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
    ['none is orphaned', subjectsOf(...others(20))],
    ['service accounts cannot be listed', undefined]
  ])('leaves the choice to the reader if %s', (_what, subjects) => {
    expect(
      findings({ connection: { identity: managedIdentity, credentials: others(20) }, account: { subjects } })[0]!
        .fix![0]
    ).toBe(
      "az identity federated-credential delete --name '<name of one that is no longer used>' --identity-name shop --resource-group shop-group --subscription 55555555-5555-4555-8555-555555555555 --yes"
    )
  })

  it('does not call a mistyped credential orphaned', () => {
    const rest = others(16)
    const swapped = credential({ subject: subjectOf('checkout', 'shop') })
    expect(
      summary({ connection: { credentials: [...rest, swapped] }, account: { subjects: subjectsOf(...rest) } })
    ).toEqual(['credential fail', 'credential-audience skipped', 'credential-count ok'])
  })

  it('ignores credentials of other clusters', () => {
    const elsewhere = others(19).map(each => ({ ...each, issuer: 'https://other.example.com/' }))
    expect(summary({ connection: { credentials: [credential(), ...elsewhere] } })).toEqual([
      'credential ok',
      'credential-audience ok',
      'credential-count ok'
    ])
  })
})

describe('evidence that is missing', () => {
  it.each<[string, EvidenceChanges, string]>([
    [
      'credentials',
      {
        connection: { credentials: undefined },
        account: { unread: new Map([['credentials of applications', '403']]) }
      },
      'credentials of applications could not be read: 403'
    ],
    [
      'another tenant',
      { connection: { identity: { ...application, id: undefined }, credentials: undefined } },
      'the application "shop" lives in another tenant, and its credentials with it'
    ],
    ['no identity', { connection: { identity: null } }, `no identity has the client id "${clientId}"`]
  ])('skips the checks: %s', (_what, different, message) => {
    expect(findings(different).map(each => [each.outcome, each.message])).toEqual(Array(3).fill(['skipped', message]))
  })

  it('skips the checks without the issuer if a credential is for the subject', () => {
    expect(summary({ connection: { issuer: undefined, credential: undefined } })).toEqual([
      'credential skipped',
      'credential-audience skipped',
      'credential-count ok'
    ])
  })

  it('fails without the issuer if no credential is for the subject', () => {
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
