import type { Case } from '../evidence/model.js'
import { type Finding, ok, skipped, warn } from './finding.js'
import { called, followToIdentity, whyUnread } from './follow.js'
import { grantLine } from '../fixes/identity.js'

/** The roles of the identity: none is no fault of the exchange, but a token that opens nothing. */
export function roleChecks(of: Case): Finding[] {
  const followed = followToIdentity(of)
  if (!('identity' in followed)) return [skipped('roles', followed.why)]
  const {
    identity,
    connection: { roles }
  } = followed
  if (identity.principalId === null || of.account.principal === null)
    return [skipped('roles', 'there is no service principal that could have any')]
  if (roles === undefined) return [skipped('roles', whyUnread(of.account, 'its roles', 'role assignments'))]
  if (roles.length > 0) return [ok('roles', roles.map(({ role, scope }) => `${role} on ${scope}`).join(', '))]
  return [
    warn(
      'roles',
      `${called(identity)} has no role of its own in this subscription: a token will be given, and may open nothing`,
      {
        fix: [grantLine(identity)],
        details: ['what it is given through a group, in another subscription or outside of Azure does not show here']
      }
    )
  ]
}
