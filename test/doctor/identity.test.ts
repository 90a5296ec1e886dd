import { describe, expect, it } from 'vitest'
import { identityChecks } from '../../src/doctor/checks/identity.js'
import { roleChecks } from '../../src/doctor/checks/roles.js'
import {
  application,
  createEvidence,
  clientId,
  type EvidenceChanges,
  managedIdentity,
  managedIdentityId,
  otherGuid,
  principalId
} from './account-evidence.js'

const findings = (different?: EvidenceChanges) => identityChecks(createEvidence(different))
const outcomes = (different?: EvidenceChanges) => findings(different).map(({ outcome }) => outcome)

it.each([application, managedIdentity])('accepts a healthy $kind', identity => {
  expect(outcomes({ connection: { identity } })).toEqual(['ok', 'ok', 'ok'])
  expect(roleChecks(createEvidence({ connection: { identity } }))).toMatchObject([
    { outcome: 'ok', message: 'Reader on /subscriptions/s/resourceGroups/g' }
  ])
})

describe('a deleted application', () => {
  const deletedApplication = { objectId: otherGuid, displayName: 'shop', deletedDateTime: '2026-01-02T03:04:05Z' }
  const gone: EvidenceChanges = { connection: { identity: null }, account: { deletedApplication, principal: null } }

  it('is restored', () => {
    expect(findings(gone)).toMatchObject([
      {
        check: 'identity',
        outcome: 'fail',
        message:
          'the application "shop" was deleted on 2026-01-02T03:04:05Z; Entra keeps it for 30 days, until 2026-02-01',
        fix: [
          `az rest --method post --url https://graph.microsoft.com/v1.0/directory/deletedItems/${otherGuid}/restore`
        ]
      },
      { check: 'principal', outcome: 'skipped', message: 'the application "shop" is deleted' },
      { check: 'principal-enabled', outcome: 'skipped' }
    ])
    expect(roleChecks(createEvidence(gone))).toMatchObject([{ outcome: 'skipped' }])
  })

  it('is restored with its service principal, in its cloud', () => {
    expect(
      findings({
        ...gone,
        account: { ...gone.account, deletedPrincipal: principalId, graph: 'https://graph.microsoft.us' }
      })[0]!.fix
    ).toEqual([
      `az rest --method post --url https://graph.microsoft.us/v1.0/directory/deletedItems/${otherGuid}/restore`,
      `az rest --method post --url https://graph.microsoft.us/v1.0/directory/deletedItems/${principalId}/restore`
    ])
  })
})

it.each<[string, EvidenceChanges, string]>([
  [
    'there is no service account',
    { account: { account: null, connection: undefined } },
    'there is no such service account'
  ],
  [
    'it names no identity',
    { annotations: { 'azure.workload.identity/client-id': '' }, connection: { identity: null } },
    'the service account names no identity'
  ],
  ['no identity has its client ID', { connection: { identity: null } }, `no identity has the client id "${clientId}"`],
  ['the identity could not be read', { connection: { identity: undefined } }, 'its identity could not be looked at']
])('skips the checks if %s', (_what, different, message) => {
  for (const finding of [...findings(different), ...roleChecks(createEvidence(different))])
    expect(finding).toMatchObject({ outcome: 'skipped', message })
})

describe('the service principal', () => {
  it.each<[string, EvidenceChanges]>([
    ['according to the connection', { connection: { identity: { ...application, principalId: null } } }],
    ['according to the directory', { account: { principal: null } }]
  ])('is created if it is missing %s', (_what, different) => {
    expect(findings(different)).toMatchObject([
      { outcome: 'ok' },
      {
        check: 'principal',
        outcome: 'fail',
        message: 'the application "shop" has no service principal in this tenant',
        fix: [
          `az ad sp create --id ${clientId}`,
          `azwi serviceaccount create phase role-assignment --aad-application-client-id ${clientId} --grant '<role>=<scope>'`
        ]
      },
      { outcome: 'skipped' }
    ])
    expect(roleChecks(createEvidence(different))[0]!.outcome).toBe('skipped')
  })

  it('is restored if it was deleted, because it then keeps its roles', () => {
    expect(findings({ account: { principal: null, deletedPrincipal: principalId } })[1]!.fix).toEqual([
      `az rest --method post --url https://graph.microsoft.com/v1.0/directory/deletedItems/${principalId}/restore`
    ])
  })

  it('has no fix if it is missing from a managed identity', () => {
    const finding = findings({ connection: { identity: managedIdentity }, account: { principal: null } })[1]!
    expect([finding.outcome, finding.fix]).toEqual(['fail', undefined])
  })

  it('fails if it is disabled', () => {
    expect(findings({ account: { principal: { objectId: principalId, enabled: false } } })).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'ok' },
      {
        check: 'principal-enabled',
        outcome: 'fail',
        fix: [`az ad sp update --id ${principalId} --set accountEnabled=true`]
      }
    ])
  })

  it('is skipped without permission to read it', () => {
    const unread = new Map([['service principals', '403']])
    expect(outcomes({ account: { principal: undefined, unread } })).toEqual(['ok', 'ok', 'skipped'])
    expect(
      findings({
        connection: { identity: { ...application, principalId: undefined } },
        account: { principal: undefined, unread }
      })
    ).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'skipped', message: 'service principals could not be read: 403' },
      { outcome: 'skipped' }
    ])
  })
})

describe('roles', () => {
  it.each([
    [application, `--aad-application-client-id ${clientId}`],
    [managedIdentity, `--managed-identity-resource-id ${managedIdentityId}`]
  ])('warn if a $kind has none', (identity, flag) => {
    expect(roleChecks(createEvidence({ connection: { identity, roles: [] } }))).toMatchObject([
      { outcome: 'warn', fix: [`azwi serviceaccount create phase role-assignment ${flag} --grant '<role>=<scope>'`] }
    ])
  })

  it('are skipped without permission to read them', () => {
    expect(
      roleChecks(
        createEvidence({
          connection: { roles: undefined },
          account: { unread: new Map([['role assignments', '403']]) }
        })
      )
    ).toMatchObject([{ outcome: 'skipped', message: 'role assignments could not be read: 403' }])
  })
})
