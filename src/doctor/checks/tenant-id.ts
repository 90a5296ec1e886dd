import { annotation } from '../../identity/annotations.js'
import { isGuid } from '../../identity/guid.js'
import { difference } from '../difference.js'
import type { Case } from '../evidence.js'
import { fail, ok, skipped, warn, type Finding } from '../finding.js'
import { guidIn } from './guid-in.js'
import { annotateLine } from './identity-fixes.js'
import { remadeStale } from './pod-stale.js'

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
