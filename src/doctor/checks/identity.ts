import type { Case, DeletedApplication } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from './finding.js'
import { called, type Followed, followToIdentity, whyUnread } from './follow.js'
import { createPrincipalLine, enablePrincipalLine, grantLine, restoreLine } from '../fixes/identity.js'

/** That the identity lives, and its service principal with it. */
export function identityChecks(of: Case): Finding[] {
  const followed = followToIdentity(of)
  return [identityCheck(of, followed), ...principalChecks(of, followed)]
}

function identityCheck({ account }: Case, followed: Followed): Finding {
  if ('identity' in followed) {
    const { identity } = followed
    return ok(
      'identity',
      identity.id === undefined ? `${called(identity)} lives in another tenant` : `${called(identity)} is there`
    )
  }
  const { connection, deleted } = account
  return connection?.identity === null && deleted ? softDeleted(account, deleted) : skipped('identity', followed.why)
}

/** Source of the 30 days and of what a restore brings back: Graph reference, application-delete and directory-deleteditems-restore. */
function softDeleted(
  account: Case['account'],
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
          ? 'its service principal may have to be restored or made anew: look again when it is back'
          : 'its service principal is restored by itself; the roles that it had still hold for it'
      ]
    }
  )
}

function lastDay(deletedDateTime: string): string {
  const deleted = Date.parse(deletedDateTime)
  return Number.isNaN(deleted) ? '' : `, until ${new Date(deleted + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10)}`
}

function principalChecks({ account }: Case, followed: Followed): Finding[] {
  if (!('identity' in followed)) return [skipped('principal', followed.why), skipped('principal-enabled', followed.why)]
  const { identity } = followed
  const { principal, deletedPrincipal } = account
  if (identity.principalId === null || principal === null) {
    const told =
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
                'Azure makes it with the identity, and it may take minutes to be seen; where it does not come, the identity must be made anew'
              ]
            }
    return [
      fail('principal', `${called(identity)} has no service principal in this tenant`, told),
      skipped('principal-enabled', 'there is no service principal')
    ]
  }
  const objectId = principal?.objectId ?? identity.principalId
  const why = whyUnread(account, 'its service principal', 'service principals')
  return [
    objectId === undefined ? skipped('principal', why) : ok('principal', `its service principal is ${objectId}`),
    principal === undefined
      ? skipped('principal-enabled', why)
      : principal.enabled
        ? ok('principal-enabled', 'its service principal is enabled')
        : fail(
            'principal-enabled',
            `the service principal of ${called(identity)} is disabled: Entra gives it no token`,
            {
              found: 'accountEnabled: false',
              expected: 'accountEnabled: true',
              fix: [enablePrincipalLine(principal.objectId)],
              details: ['somebody may have disabled it on purpose: ask before you enable it']
            }
          )
  ]
}
