import type { DeletedApplication, Evidence } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from '../finding.js'
import { describeIdentity, type IdentityResolution, resolveIdentity, unreadReason } from './resolve-identity.js'
import { createPrincipalLine, enablePrincipalLine, grantLine, restoreLine } from '../fixes/identity.js'

/** Checks that the identity and its service principal exist, and that the service principal is enabled. */
export function identityChecks(evidence: Evidence): Finding[] {
  const resolution = resolveIdentity(evidence)
  return [identityCheck(evidence, resolution), ...principalChecks(evidence, resolution)]
}

function identityCheck({ account }: Evidence, resolution: IdentityResolution): Finding {
  if ('identity' in resolution) {
    const { identity } = resolution
    return ok(
      'identity',
      identity.id === undefined
        ? `${describeIdentity(identity)} lives in another tenant`
        : `${describeIdentity(identity)} is there`
    )
  }
  const { connection, deletedApplication } = account
  return connection?.identity === null && deletedApplication
    ? deletedFinding(account, deletedApplication)
    : skipped('identity', resolution.reason)
}

/** Source for the 30 days and for what a restore brings back: Graph reference, application-delete and directory-deleteditems-restore. */
function deletedFinding(
  account: Evidence['account'],
  { objectId, displayName, deletedDateTime }: DeletedApplication
): Finding {
  const { deletedPrincipal } = account
  return fail(
    'identity',
    `the application "${displayName}" was deleted on ${deletedDateTime}; Entra keeps it for 30 days${lastDay(deletedDateTime)}`,
    {
      fix: [
        restoreLine(account, objectId),
        ...(deletedPrincipal === undefined ? [] : [restoreLine(account, deletedPrincipal)])
      ],
      details: [
        'restoring the application brings back its client id and its federated identity credentials',
        deletedPrincipal === undefined
          ? 'its service principal may have to be restored or created again: look again when it is back'
          : 'its service principal is restored by itself; the roles that it had still hold for it'
      ]
    }
  )
}

function lastDay(deletedDateTime: string): string {
  const deleted = Date.parse(deletedDateTime)
  return Number.isNaN(deleted) ? '' : `, until ${new Date(deleted + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10)}`
}

function principalChecks({ account }: Evidence, resolution: IdentityResolution): Finding[] {
  if (!('identity' in resolution))
    return [skipped('principal', resolution.reason), skipped('principal-enabled', resolution.reason)]
  const { identity } = resolution
  const { principal, deletedPrincipal } = account
  if (identity.principalId === null || principal === null) {
    const details =
      deletedPrincipal !== undefined
        ? {
            fix: [restoreLine(account, deletedPrincipal)],
            details: ['it was deleted, and is kept for 30 days; restored, it has the roles again that it had']
          }
        : identity.kind === 'application'
          ? {
              fix: [createPrincipalLine(identity.clientId), grantLine(identity)],
              details: ['it takes roles of its own: those of an earlier one do not come back']
            }
          : {
              details: [
                'Azure makes it with the identity, and it may take minutes to be seen; if it does not come, the identity must be created again'
              ]
            }
    return [
      fail('principal', `${describeIdentity(identity)} has no service principal in this tenant`, details),
      skipped('principal-enabled', 'there is no service principal')
    ]
  }
  const objectId = principal?.objectId ?? identity.principalId
  const reason = unreadReason(account, 'its service principal', 'service principals')
  return [
    objectId === undefined ? skipped('principal', reason) : ok('principal', `its service principal is ${objectId}`),
    principal === undefined
      ? skipped('principal-enabled', reason)
      : principal.enabled
        ? ok('principal-enabled', 'its service principal is enabled')
        : fail(
            'principal-enabled',
            `the service principal of ${describeIdentity(identity)} is disabled: Entra gives it no token`,
            {
              found: 'accountEnabled: false',
              expected: 'accountEnabled: true',
              fix: [enablePrincipalLine(principal.objectId)],
              details: ['somebody may have disabled it on purpose: ask before you enable it']
            }
          )
  ]
}
