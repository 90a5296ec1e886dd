import { annotation, tokenExpirationSeconds } from '../../domain/annotations.js'
import { isGuid } from '../../domain/azure-ids.js'
import { parseDuration } from '../../domain/duration.js'
import type { Evidence } from '../evidence/model.js'
import { podGroups } from '../evidence/pod-group.js'
import { difference } from '../explain/difference.js'
import { fail, type Finding, type FindingDetails, ok, skipped, warn } from '../finding.js'
import { annotateLine, connectLine } from '../fixes/identity.js'
import { recreateAllPodsLines } from '../fixes/pod.js'
import { recreateStalePodsLines } from './pod-age.js'
import { serviceAccountCheck } from './pod-service-account.js'
import { describeIdentity, resolveIdentity, unreadReason, wrongIdentity } from './resolve-identity.js'

/** Checks that the service account names the client ID of an identity. A deleted application is ok here: the check `identity` reports it. */
export function clientIdCheck(evidence: Evidence): Finding {
  const { account, trustingIdentity, connection, deletedApplication } = evidence.account
  const found = account?.metadata?.annotations?.[annotation.clientId]
  if (
    (found ?? '').trim() === '' &&
    podGroups(evidence).some(group => serviceAccountCheck(evidence, group).outcome === 'fail')
  ) {
    return skipped('client-id', 'it names none, and what runs as it was likely meant to run as another service account')
  }
  if (found === undefined)
    return wrongClientId(evidence, `the service account has no annotation ${annotation.clientId}`)
  if (found.trim() === '')
    return wrongClientId(evidence, `the annotation ${annotation.clientId} is empty`, { found: JSON.stringify(found) })
  if (!isGuid(found)) {
    const guid = guidIn(found)
    const diff = guid === undefined ? undefined : difference(found, guid)
    return wrongClientId(
      evidence,
      `the client id ${JSON.stringify(found)} ${diff?.description ?? 'is not a GUID'}`,
      { found: JSON.stringify(found), details: diff?.lines ?? [] },
      trustingIdentity?.clientId ?? guid
    )
  }
  const wrong = wrongIdentity(evidence.account)
  if (wrong !== undefined)
    return wrongClientId(
      evidence,
      `${found} is ${describeIdentity(wrong)}, which does not trust this service account`,
      { found }
    )
  const resolution = resolveIdentity(evidence)
  if ('identity' in resolution) return ok('client-id', `${found} is ${resolution.identity.name}`)
  if (connection?.identity !== null) return skipped('client-id', resolution.reason)
  if (deletedApplication) return ok('client-id', `${found} was the application "${deletedApplication.displayName}"`)
  const details =
    deletedApplication === undefined
      ? [
          `whether it was deleted cannot be told: ${unreadReason(evidence.account, 'deleted applications', 'deleted applications')}`
        ]
      : []
  return wrongClientId(evidence, `no application and no managed identity has the client id ${found}`, {
    found,
    details
  })
}

/** The fix sets the expected client ID. If none is known, it connects the service account to a new identity. */
function wrongClientId(
  evidence: Evidence,
  message: string,
  findingDetails: FindingDetails = {},
  expected = evidence.account.trustingIdentity?.clientId
): Finding {
  const { account } = evidence
  const { trustingIdentity } = account
  const details = [
    ...(findingDetails.details ?? []),
    ...(trustingIdentity === undefined
      ? []
      : [`"${trustingIdentity.name}" (client id ${trustingIdentity.clientId}) trusts this service account`])
  ]
  const fix =
    expected === undefined
      ? [connectLine(account), ...recreateAllPodsLines(evidence)]
      : [
          annotateLine(account, annotation.clientId, expected),
          ...recreateStalePodsLines(evidence, 'AZURE_CLIENT_ID', expected)
        ]
  return fail('client-id', message, { expected, ...findingDetails, details, fix })
}

/**
 * Checks that the tenant in the annotation is the tenant of the login. The webhook uses any value, even an empty one (azure-workload-identity,
 * pkg/webhook).
 */
export function tenantIdCheck(evidence: Evidence): Finding {
  const { account, tenantId } = evidence.account
  const found = account?.metadata?.annotations?.[annotation.tenantId]
  if (found === undefined) return ok('tenant-id', "the service account names no tenant: the webhook's own holds")
  const fixWith = (expected = tenantId): string[] => [
    annotateLine(evidence.account, annotation.tenantId, expected),
    ...(expected === undefined ? [] : recreateStalePodsLines(evidence, 'AZURE_TENANT_ID', expected))
  ]
  if (found.trim() === '')
    return fail('tenant-id', `the annotation ${annotation.tenantId} is empty`, {
      found: JSON.stringify(found),
      expected: tenantId,
      fix: fixWith()
    })
  if (isDomain(found)) {
    return warn(
      'tenant-id',
      `the tenant is named by a domain, ${found}: which tenant that is cannot be told from here`,
      { found, expected: tenantId, fix: fixWith() }
    )
  }
  if (!isGuid(found)) {
    const guid = guidIn(found)
    const diff = guid === undefined ? undefined : difference(found, guid)
    return fail('tenant-id', `the tenant id ${JSON.stringify(found)} ${diff?.description ?? 'is not a GUID'}`, {
      found: JSON.stringify(found),
      expected: guid ?? tenantId,
      details: diff?.lines ?? [],
      fix: fixWith(guid)
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
    fix: fixWith(),
    details: [`if its identity does live in ${found}, log in there: azwi doctor … --tenant-id ${found}`]
  })
}

/** Reports whether a text is a domain name. Entra accepts a verified domain of a tenant in place of its ID. */
const isDomain = (text: string): boolean =>
  /^[a-z\d](?:[-a-z\d]*[a-z\d])?(?:\.[a-z\d](?:[-a-z\d]*[a-z\d])?)+$/i.test(text)

/**
 * Checks the token lifetime in the annotation. If it is not valid, the webhook refuses every pod of the service account
 * (azure-workload-identity, pkg/webhook).
 */
export function tokenExpirationCheck({ account }: Evidence): Finding {
  const { minimum, maximum, default: defaultSeconds } = tokenExpirationSeconds
  const found = account.account?.metadata?.annotations?.[annotation.tokenExpiration] ?? ''
  if (found === '') return ok('token-expiration', `tokens live for ${defaultSeconds} seconds, the default`)
  // The webhook parses the value with Go's strconv.ParseInt, which accepts a sign.
  const isWhole = /^[+-]?\d+$/.test(found)
  const seconds = Number(found)
  if (isWhole && seconds >= minimum && seconds <= maximum)
    return ok('token-expiration', `tokens live for ${seconds} seconds`)
  const intended = isWhole ? seconds : parseDuration(found.trim())
  const nearestValid =
    intended === undefined ? undefined : String(Math.min(Math.max(Math.round(intended), minimum), maximum))
  const message = isWhole
    ? `a token expiration of ${found} seconds is not from ${minimum} to ${maximum}: the webhook refuses the pods`
    : `the token expiration ${JSON.stringify(found)} is not a whole number of seconds: the webhook refuses the pods`
  return fail('token-expiration', message, {
    found,
    expected: `${minimum} to ${maximum}`,
    fix: [annotateLine(account, annotation.tokenExpiration, nearestValid)]
  })
}

/** Returns the one GUID in a text with other characters around it, such as white space, quotes or braces. */
export function guidIn(text: string): string | undefined {
  const found = text.match(/(?<![\da-z-])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-z-])/gi) ?? []
  return found.length === 1 ? found[0] : undefined
}
