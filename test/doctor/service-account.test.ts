import { describe, expect, it } from 'vitest'
import { serviceAccountChecks } from '../../src/doctor/checks/service-account.js'
import { createEvidence, clientId, type EvidenceChanges, otherGuid, tenantId } from './account-evidence.js'

const annotate = 'kubectl annotate serviceaccount checkout --namespace shop --overwrite azure.workload.identity/'
const create = `azwi serviceaccount create --service-account-namespace shop --service-account-name checkout --grant '<role>=<scope>'`
const trustingIdentity = { clientId: otherGuid, name: 'right' }

const findings = (different?: EvidenceChanges) => serviceAccountChecks(createEvidence(different))
const of = (check: string, different: EvidenceChanges) => findings(different).find(each => each.check === check)!

it('finds nothing wrong where all is well', () => {
  expect(findings().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
})

describe('a service account that is not there', () => {
  const gone: EvidenceChanges = { account: { account: null, connection: undefined } }

  it('fails first, and the rest waits for it', () => {
    expect(findings(gone).map(({ check, outcome }) => [check, outcome])).toEqual([
      ['service-account', 'fail'],
      ['client-id', 'skipped'],
      ['tenant-id', 'skipped'],
      ['token-expiration', 'skipped']
    ])
    expect(findings(gone)[0]!.fix).toEqual([create])
  })

  it('is made for the identity that trusts it', () => {
    expect(of('service-account', { account: { ...gone.account, trustingIdentity } }).fix).toEqual([
      `azwi serviceaccount create phase service-account --service-account-namespace shop --service-account-name checkout --aad-application-client-id ${otherGuid}`
    ])
  })

  it('is made with its namespace, where that is not there either', () => {
    const found = of('service-account', { account: gone.account, cluster: { namespaces: { value: new Map() } } })
    expect([found.message, found.fix]).toEqual([
      'there is no namespace shop, and so no service account "checkout" in it',
      [`${create} --create-namespace`]
    ])
  })

  it('may have been meant as another', () => {
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

  it('is not judged where it may not be read', () => {
    const unread = new Map([['service accounts', 'the server says 403']])
    expect(
      findings({ account: { account: undefined, connection: undefined, unread } }).map(({ outcome, message }) => [
        outcome,
        message
      ])
    ).toEqual(Array(4).fill(['skipped', 'service accounts may not be read: the server says 403']))
  })
})

describe('the client id', () => {
  const key = 'azure.workload.identity/client-id'

  it.each<[what: string, different: EvidenceChanges, message: string, fix: string]>([
    ['empty', { annotations: { [key]: '' } }, `the annotation ${key} is empty`, create],
    ['white space only', { annotations: { [key]: ' ' } }, `the annotation ${key} is empty`, create],
    [
      'empty, with a trustingIdentity',
      { annotations: { [key]: '' }, account: { trustingIdentity } },
      `the annotation ${key} is empty`,
      `${annotate}client-id=${otherGuid}`
    ],
    [
      'with a space behind',
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
      'a name, with a trustingIdentity',
      { annotations: { [key]: 'shop' }, connection: { identity: null }, account: { trustingIdentity } },
      'the client id "shop" is not a GUID',
      `${annotate}client-id=${otherGuid}`
    ],
    [
      'of nobody',
      { connection: { identity: null } },
      `no application and no managed identity has the client id ${clientId}`,
      create
    ],
    [
      'of nobody, with a trustingIdentity',
      { connection: { identity: null }, account: { trustingIdentity } },
      `no application and no managed identity has the client id ${clientId}`,
      `${annotate}client-id=${otherGuid}`
    ]
  ])('%s', (_what, different, message, fix) => {
    expect(of('client-id', different)).toMatchObject({ outcome: 'fail', message, fix: [fix] })
  })

  it('missing', () => {
    const evidence = createEvidence()
    const account = { metadata: { namespace: 'shop', name: 'checkout' } }
    expect(serviceAccountChecks({ ...evidence, account: { ...evidence.account, account } })[1]).toMatchObject({
      outcome: 'fail',
      message: `the service account has no annotation ${key}`,
      fix: [create]
    })
  })

  it('says which identity was meant', () => {
    expect(of('client-id', { connection: { identity: null }, account: { trustingIdentity } })).toMatchObject({
      found: clientId,
      expected: otherGuid,
      details: [`"right" (client id ${otherGuid}) trusts this service account`]
    })
  })

  it('says where it cannot tell whether it was deleted', () => {
    expect(
      of('client-id', {
        connection: { identity: null },
        account: { deletedApplication: undefined, unread: new Map([['deleted applications', '403']]) }
      }).details
    ).toEqual(['whether it was deleted cannot be told: deleted applications may not be read: 403'])
  })

  it('is not at fault where the identity was deleted', () => {
    const deletedApplication = { objectId: otherGuid, displayName: 'shop', deletedDateTime: '2026-01-02T03:04:05Z' }
    expect(of('client-id', { connection: { identity: null }, account: { deletedApplication } })).toMatchObject({
      outcome: 'ok',
      message: `${clientId} was the application "shop"`
    })
  })

  it.each<[string, EvidenceChanges, string]>([
    [
      'may not be read',
      { connection: { identity: undefined }, account: { unread: new Map([['applications', '403']]) } },
      'applications may not be read: 403'
    ],
    [
      'is in another tenant',
      { annotations: { 'azure.workload.identity/tenant-id': otherGuid }, connection: { identity: undefined } },
      `the service account names the tenant ${otherGuid}, and ${tenantId} was looked into`
    ]
  ])('is not judged where its identity %s', (_what, different, message) => {
    expect(of('client-id', different)).toMatchObject({ outcome: 'skipped', message })
  })
})

describe('the tenant id', () => {
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
  ])('%j', (found, outcome, message) => {
    const finding = of('tenant-id', { annotations: { [key]: found } })
    expect(finding).toMatchObject({ outcome, message })
    if (outcome !== 'ok')
      expect(finding).toMatchObject({ expected: tenantId, fix: [`${annotate}tenant-id=${tenantId}`] })
  })

  it('may be left out', () => {
    const evidence = createEvidence()
    const account = { metadata: { annotations: { 'azure.workload.identity/client-id': clientId } } }
    expect(serviceAccountChecks({ ...evidence, account: { ...evidence.account, account } })[2]).toMatchObject({
      outcome: 'ok'
    })
  })

  it('is taken off where it is empty and the right one is not known', () => {
    expect(of('tenant-id', { annotations: { [key]: '' }, account: { tenantId: undefined } }).fix).toEqual([
      `${annotate}tenant-id-`
    ])
  })

  it('is not judged where no tenant was looked into', () => {
    expect(of('tenant-id', { account: { tenantId: undefined } }).outcome).toBe('skipped')
  })
})

describe('the token expiration', () => {
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
  ])('%j', (found, outcome, fix) => {
    const finding = of('token-expiration', {
      annotations: { 'azure.workload.identity/service-account-token-expiration': found }
    })
    expect(finding.outcome).toBe(outcome)
    expect(finding.fix).toEqual(fix === undefined ? undefined : [`${annotate}service-account-token-expiration${fix}`])
  })
})
