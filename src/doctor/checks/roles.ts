import type { Evidence } from '../evidence/model.js'
import { type Finding, ok, skipped, warn } from '../finding.js'
import { grantLine } from '../fixes/identity.js'
import { describeIdentity, resolveIdentity, unreadReason } from './resolve-identity.js'

/** Checks that the identity has a role. Without one the exchange works, but the access token has no permission, so this only warns. */
export function roleChecks(evidence: Evidence): Finding[] {
  const resolution = resolveIdentity(evidence)
  if (!('identity' in resolution)) return [skipped('roles', resolution.reason)]
  const {
    identity,
    connection: { roles }
  } = resolution
  if (identity.principalId === null || evidence.account.principal === null)
    return [skipped('roles', 'there is no service principal that could have any')]
  if (roles === undefined) return [skipped('roles', unreadReason(evidence.account, 'its roles', 'role assignments'))]
  if (roles.length > 0) return [ok('roles', roles.map(({ role, scope }) => `${role} on ${scope}`).join(', '))]
  return [
    warn(
      'roles',
      `${describeIdentity(identity)} has no role of its own in this subscription: a token will be given, and may open nothing`,
      {
        fix: [grantLine(identity)],
        details: ['what it is given through a group, in another subscription or outside of Azure does not show here']
      }
    )
  ]
}
