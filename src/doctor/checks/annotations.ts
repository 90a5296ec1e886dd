import { annotation, tokenExpirationSeconds } from '../../domain/annotations.js'
import { isGuid } from '../../domain/azure-ids.js'
import { difference } from '../explain/difference.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, type FindingDetails, ok, skipped, warn } from './finding.js'
import { called, followToIdentity, mistaken, whyUnread } from './follow.js'
import { annotateLine, connectLine } from '../fixes/identity.js'
import { remadeOf } from '../fixes/pod.js'
import { podGroups } from './pod-group.js'
import { serviceAccountCheck } from './pod-service-account.js'
import { remadeStale } from './pod-age.js'
import { parseDuration } from '../../domain/duration.js'

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
function refused(
  of: Case,
  message: string,
  told: FindingDetails = {},
  meant = of.account.candidate?.clientId
): Finding {
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

/** That the tenant named is the one that was looked into. The webhook takes what is there as it is, an empty text too (azure-workload-identity, pkg/webhook). */
export function tenantIdCheck(of: Case): Finding {
  const { account: evidence } = of
  const { account, tenantId } = evidence
  const found = account?.metadata?.annotations?.[annotation.tenantId]
  if (found === undefined) return ok('tenant-id', "the service account names no tenant: the webhook's own holds")
  const mend = (right = tenantId): string[] => [
    annotateLine(evidence, annotation.tenantId, right),
    ...(right === undefined ? [] : remadeStale(of, 'AZURE_TENANT_ID', right))
  ]
  if (found.trim() === '')
    return fail('tenant-id', `the annotation ${annotation.tenantId} is empty`, {
      found: JSON.stringify(found),
      expected: tenantId,
      fix: mend()
    })
  if (isDomain(found)) {
    return warn(
      'tenant-id',
      `the tenant is named by a domain, ${found}: which tenant that is cannot be told from here`,
      { found, expected: tenantId, fix: mend() }
    )
  }
  if (!isGuid(found)) {
    const within = guidIn(found)
    const told = within === undefined ? undefined : difference(found, within)
    return fail('tenant-id', `the tenant id ${JSON.stringify(found)} ${told?.words ?? 'is not a GUID'}`, {
      found: JSON.stringify(found),
      expected: within ?? tenantId,
      details: told?.lines ?? [],
      fix: mend(within)
    })
  }
  if (tenantId === undefined)
    return skipped(
      'tenant-id',
      `the tenant that was looked into is not known, so that ${found} can be compared with nothing`
    )
  if (found.toLowerCase() === tenantId.toLowerCase()) return ok('tenant-id', `the tenant is ${found}`)
  return fail('tenant-id', 'the service account names another tenant than the one that was looked into', {
    found,
    expected: tenantId,
    fix: mend(),
    details: [`if its identity does live in ${found}, log in there: azwi doctor … --tenant-id ${found}`]
  })
}

/** Entra takes a verified domain of the tenant for its id. */
const isDomain = (text: string): boolean =>
  /^[a-z\d](?:[-a-z\d]*[a-z\d])?(?:\.[a-z\d](?:[-a-z\d]*[a-z\d])?)+$/i.test(text)

/** That the webhook takes the lifetime that is asked for: else it refuses every pod of the service account (azure-workload-identity, pkg/webhook). */
export function tokenExpirationCheck({ account: evidence }: Case): Finding {
  const { minimum, maximum, default: ordinary } = tokenExpirationSeconds
  const found = evidence.account?.metadata?.annotations?.[annotation.tokenExpiration] ?? ''
  if (found === '') return ok('token-expiration', `tokens live for ${ordinary} seconds, the default`)
  // As Go's strconv.ParseInt reads it.
  const isWhole = /^[+-]?\d+$/.test(found)
  const seconds = Number(found)
  if (isWhole && seconds >= minimum && seconds <= maximum)
    return ok('token-expiration', `tokens live for ${seconds} seconds`)
  const meant = isWhole ? seconds : parseDuration(found.trim())
  const right = meant === undefined ? undefined : String(Math.min(Math.max(Math.round(meant), minimum), maximum))
  const message = isWhole
    ? `a token expiration of ${found} seconds is not from ${minimum} to ${maximum}: the webhook refuses the pods`
    : `the token expiration ${JSON.stringify(found)} is not a whole number of seconds: the webhook refuses the pods`
  return fail('token-expiration', message, {
    found,
    expected: `${minimum} to ${maximum}`,
    fix: [annotateLine(evidence, annotation.tokenExpiration, right)]
  })
}

/** The one GUID that a text holds beside other characters, such as white space, quotes or braces. */
export function guidIn(text: string): string | undefined {
  const found = text.match(/(?<![\da-z-])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-z-])/gi) ?? []
  return found.length === 1 ? found[0] : undefined
}
