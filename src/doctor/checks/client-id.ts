import { annotation } from '../../identity/annotations.js'
import { isGuid } from '../../identity/guid.js'
import { difference } from '../difference.js'
import type { Case } from '../evidence.js'
import { fail, ok, skipped, type Finding, type FindingDetails } from '../finding.js'
import { called, followToIdentity, mistaken, whyUnread } from './follow.js'
import { guidIn } from './guid-in.js'
import { annotateLine, connectLine } from './identity-fixes.js'
import { remadeOf } from './pod-fix.js'
import { podGroups } from './pod-group.js'
import { serviceAccountCheck } from './pod-service-account.js'
import { remadeStale } from './pod-stale.js'

/** That the service account names an identity that there is, or was: a deleted one is the next check's. */
export function clientIdCheck(of: Case): Finding {
  const evidence = of.account
  const { account, candidate, connection, deleted } = evidence
  const found = account?.metadata?.annotations?.[annotation.clientId]
  if ((found ?? '').trim() === '' && podGroups(of).some(group => serviceAccountCheck(of, group).outcome === 'fail')) {
    return skipped('client-id', 'it names none, and what runs as it was likely meant to run as another service account')
  }
  if (found === undefined) return refused(of, `the service account has no annotation ${annotation.clientId}`)
  if (found.trim() === '')
    return refused(of, `the annotation ${annotation.clientId} is empty`, { found: JSON.stringify(found) })
  if (!isGuid(found)) {
    const within = guidIn(found)
    const told = within === undefined ? undefined : difference(found, within)
    const message = `the client id ${JSON.stringify(found)} ${told?.words ?? 'is not a GUID'}`
    return refused(
      of,
      message,
      { found: JSON.stringify(found), details: told?.lines ?? [] },
      candidate?.clientId ?? within
    )
  }
  const wrong = mistaken(evidence)
  if (wrong !== undefined)
    return refused(of, `${found} is ${called(wrong)}, which does not trust this service account`, { found })
  const followed = followToIdentity(of)
  if ('identity' in followed) return ok('client-id', `${found} is ${followed.identity.name}`)
  if (connection?.identity !== null) return skipped('client-id', followed.why)
  if (deleted) return ok('client-id', `${found} was the application "${deleted.displayName}"`)
  const details =
    deleted === undefined
      ? [
          `whether it was deleted cannot be told: ${whyUnread(evidence, 'deleted applications', 'deleted applications')}`
        ]
      : []
  return refused(of, `no application and no managed identity has the client id ${found}`, { found, details })
}

/** Names the identity that trusts the service account, where there is one; else one is to be made. */
function refused(of: Case, message: string, told: FindingDetails = {}, meant = of.account.candidate?.clientId): Finding {
  const {
    account,
    account: { candidate }
  } = of
  const known =
    candidate === undefined ? [] : [`"${candidate.name}" (client id ${candidate.clientId}) trusts this service account`]
  const fix =
    meant === undefined
      ? [connectLine(account), ...remadeOf(of)]
      : [annotateLine(account, annotation.clientId, meant), ...remadeStale(of, 'AZURE_CLIENT_ID', meant)]
  return fail('client-id', message, { expected: meant, ...told, details: [...(told.details ?? []), ...known], fix })
}
