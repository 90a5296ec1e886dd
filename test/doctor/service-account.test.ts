import { describe, expect, it } from 'vitest'
import { serviceAccountChecks } from '../../src/doctor/checks/service-account.js'
import { createEvidence, clientId, type EvidenceChanges, otherGuid, tenantId } from './account-evidence.js'

const annotate = 'kubectl annotate serviceaccount checkout --namespace shop --overwrite azure.workload.identity/'
const create = `azwi serviceaccount create --service-account-namespace shop --service-account-name checkout --grant '<role>=<scope>'`
const trustingIdentity = { clientId: otherGuid, name: 'right' }

const findings = (different?: EvidenceChanges) => serviceAccountChecks(createEvidence(different))
const of = (check: string, different: EvidenceChanges) => findings(different).find(each => each.check === check)!

it('accepts a healthy service account', () => {
  expect(findings().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
})

describe('a missing service account', () => {
  const gone: EvidenceChanges = { account: { account: null, connection: undefined } }

  it('fails, and skips the other checks', () => {
    expect(findings(gone).map(({ check, outcome }) => [check, outcome])).toEqual([
      ['service-account', 'fail'],
      ['client-id', 'skipped'],
      ['tenant-id', 'skipped'],
      ['token-expiration', 'skipped']
    ])
    expect(findings(gone)[0]!.fix).toEqual([create])
  })

  it('is created for the identity that trusts it', () => {
    expect(of('service-account', { account: { ...gone.account, trustingIdentity } }).fix).toEqual([
      `azwi serviceaccount create phase service-account --service-account-namespace shop --service-account-name checkout --aad-application-client-id ${otherGuid}`
    ])
  })

  it('is created with its namespace if that is missing too', () => {
    const found = of('service-account', { account: gone.account, cluster: { namespaces: { value: new Map() } } })
    expect([found.message, found.fix]).toEqual([
      'there is no namespace shop, and so no service account "checkout" in it',
      [`${create} --create-namespace`]
    ])
  })

  it('is shown with similar names', () => {
    const subjects = new Set([
      'system:serviceaccount:store:checkout',
      'system:serviceaccount:shop:chekout',
      'system:serviceaccount:shop:cart',
      'system:serviceaccount:shop:default'
    ])
    expect(of('service-account', { account: { ...gone.account, subjects } }).details).toEqual([
      'there is one that looks like it: store/checkout',
      'there is one that looks like it: shop/chekout'
    ])
  })

  it('is skipped without permission to read it', () => {
    const unread = new Map([['service accounts', 'the server says 403']])
    expect(
      findings({ account: { account: undefined, connection: undefined, unread } }).map(({ outcome, message }) => [
        outcome,
        message
      ])
    ).toEqual(Array(4).fill(['skipped', 'service accounts could not be read: the server says 403']))
  })
})

describe('the check client-id', () => {
  const key = 'azure.workload.identity/client-id'

  it.each<[what: string, different: EvidenceChanges, message: string, fix: string]>([
    ['empty', { annotations: { [key]: '' } }, `the annotation ${key} is empty`, create],
    ['white space only', { annotations: { [key]: ' ' } }, `the annotation ${key} is empty`, create],
    [
      'empty, with an identity that trusts the service account',
      { annotations: { [key]: '' }, account: { trustingIdentity } },
      `the annotation ${key} is empty`,
      `${annotate}client-id=${otherGuid}`
    ],
    [
      'with a trailing space',
      { annotations: { [key]: `${clientId} ` }, connection: { identity: null } },
      `the client id "${clientId} " ends with a space`,
      `${annotate}client-id=${clientId}`
    ],
    [
      'in quotes',
      { annotations: { [key]: `"${clientId}"` }, connection: { identity: null } },
      `the client id "\\"${clientId}\\"" has "\\"" before it and "\\"" after it`,
      `${annotate}client-id=${clientId}`
    ],
    [
      'a name',
      { annotations: { [key]: 'shop' }, connection: { identity: null } },
      'the client id "shop" is not a GUID',
      create
    ],
    [
      'a name, with an identity that trusts the service account',
      { annotations: { [key]: 'shop' }, connection: { identity: null }, account: { trustingIdentity } },
      'the client id "shop" is not a GUID',
      `${annotate}client-id=${otherGuid}`
    ],
    [
      'that no identity has',
      { connection: { identity: null } },
      `no application and no managed identity has the client id ${clientId}`,
      create
    ],
    [
      'that no identity has, with an identity that trusts the service account',
      { connection: { identity: null }, account: { trustingIdentity } },
      `no application and no managed identity has the client id ${clientId}`,
      `${annotate}client-id=${otherGuid}`
    ]
  ])('fails for a client ID: %s', (_what, different, message, fix) => {
    expect(of('client-id', different)).toMatchObject({ outcome: 'fail', message, fix: [fix] })
  })

  it('fails without the annotation', () => {
    const evidence = createEvidence()
    const account = { metadata: { namespace: 'shop', name: 'checkout' } }
    expect(serviceAccountChecks({ ...evidence, account: { ...evidence.account, account } })[1]).toMatchObject({
      outcome: 'fail',
      message: `the service account has no annotation ${key}`,
      fix: [create]
    })
  })

  it('names the identity that trusts the service account', () => {
    expect(of('client-id', { connection: { identity: null }, account: { trustingIdentity } })).toMatchObject({
      found: clientId,
      expected: otherGuid,
      details: [`"right" (client id ${otherGuid}) trusts this service account`]
    })
  })

  it('reports that deleted applications could not be read', () => {
    expect(
      of('client-id', {
        connection: { identity: null },
        account: { deletedApplication: undefined, unread: new Map([['deleted applications', '403']]) }
      }).details
    ).toEqual(['whether it was deleted cannot be told: deleted applications could not be read: 403'])
  })

  it('passes for a deleted application', () => {
    const deletedApplication = { objectId: otherGuid, displayName: 'shop', deletedDateTime: '2026-01-02T03:04:05Z' }
    expect(of('client-id', { connection: { identity: null }, account: { deletedApplication } })).toMatchObject({
      outcome: 'ok',
      message: `${clientId} was the application "shop"`
    })
  })

  it.each<[string, EvidenceChanges, string]>([
    [
      'could not be read',
      { connection: { identity: undefined }, account: { unread: new Map([['applications', '403']]) } },
      'applications could not be read: 403'
    ],
    [
      'is in another tenant',
      { annotations: { 'azure.workload.identity/tenant-id': otherGuid }, connection: { identity: undefined } },
      `the service account names the tenant ${otherGuid}, and ${tenantId} was looked into`
    ]
  ])('is skipped if the identity %s', (_what, different, message) => {
    expect(of('client-id', different)).toMatchObject({ outcome: 'skipped', message })
  })
})

describe('the check tenant-id', () => {
  const key = 'azure.workload.identity/tenant-id'

  it.each<[string, string, string]>([
    ['', 'fail', `the annotation ${key} is empty`],
    [` ${tenantId}`, 'fail', `the tenant id " ${tenantId}" begins with a space`],
    ['shop', 'fail', 'the tenant id "shop" is not a GUID'],
    [otherGuid, 'fail', 'the service account names another tenant than the one that was looked into'],
    [
      'shop.onmicrosoft.com',
      'warn',
      'the tenant is named by a domain, shop.onmicrosoft.com: which tenant that is cannot be told from here'
    ],
    [tenantId.toUpperCase(), 'ok', `the tenant is ${tenantId.toUpperCase()}`]
  ])('judges %j', (found, outcome, message) => {
    const finding = of('tenant-id', { annotations: { [key]: found } })
    expect(finding).toMatchObject({ outcome, message })
    if (outcome !== 'ok')
      expect(finding).toMatchObject({ expected: tenantId, fix: [`${annotate}tenant-id=${tenantId}`] })
  })

  it('passes without the annotation', () => {
    const evidence = createEvidence()
    const account = { metadata: { annotations: { 'azure.workload.identity/client-id': clientId } } }
    expect(serviceAccountChecks({ ...evidence, account: { ...evidence.account, account } })[2]).toMatchObject({
      outcome: 'ok'
    })
  })

  it('removes an empty annotation if the tenant is not known', () => {
    expect(of('tenant-id', { annotations: { [key]: '' }, account: { tenantId: undefined } }).fix).toEqual([
      `${annotate}tenant-id-`
    ])
  })

  it('is skipped if the tenant of the login is not known', () => {
    expect(of('tenant-id', { account: { tenantId: undefined } }).outcome).toBe('skipped')
  })
})

describe('the check token-expiration', () => {
  it.each<[found: string, outcome: string, fix: string | undefined]>([
    ['', 'ok', undefined],
    ['3600', 'ok', undefined],
    ['86400', 'ok', undefined],
    ['3599', 'fail', '=3600'],
    ['86401', 'fail', '=86400'],
    ['-1', 'fail', '=3600'],
    ['2h', 'fail', '=7200'],
    [' 7200', 'fail', '=7200'],
    ['1m', 'fail', '=3600'],
    ['3600.5', 'fail', '-'],
    ['long', 'fail', '-']
  ])('judges %j', (found, outcome, fix) => {
    const finding = of('token-expiration', {
      annotations: { 'azure.workload.identity/service-account-token-expiration': found }
    })
    expect(finding.outcome).toBe(outcome)
    expect(finding.fix).toEqual(fix === undefined ? undefined : [`${annotate}service-account-token-expiration${fix}`])
  })
})
