import {
  parseServiceAccountSubject,
  type ServiceAccountReference,
  serviceAccountSubject
} from '../../domain/subject.js'
import type { Evidence } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from '../finding.js'
import { clientIdCheck, tenantIdCheck, tokenExpirationCheck } from './annotations.js'
import { noServiceAccount, unreadReason } from './resolve-identity.js'
import { connectLine, createServiceAccountLine } from '../fixes/identity.js'
import { editDistance } from '../explain/text-diff.js'

/** Checks that the service account exists, and its annotations. */
export function serviceAccountChecks(evidence: Evidence): Finding[] {
  const { account } = evidence.account
  if (account)
    return [
      ok('service-account', `${evidence.account.namespace}/${evidence.account.name} is there`),
      clientIdCheck(evidence),
      tenantIdCheck(evidence),
      tokenExpirationCheck(evidence)
    ]
  const reason =
    account === null ? noServiceAccount : unreadReason(evidence.account, 'the service account', 'service accounts')
  const first = account === null ? missingFinding(evidence) : skipped('service-account', reason)
  return [first, ...(['client-id', 'tenant-id', 'token-expiration'] as const).map(check => skipped(check, reason))]
}

function missingFinding({ account, cluster }: Evidence): Finding {
  const { namespace, name, subjects, trustingIdentity } = account
  const hasNamespace = 'unread' in cluster.namespaces || cluster.namespaces.value.has(namespace)
  const similar = similarAccounts({ namespace, name }, subjects ?? new Set())
  const extraFlags = hasNamespace ? [] : ['--create-namespace']
  const fix = [
    trustingIdentity === undefined
      ? connectLine(account, ...extraFlags)
      : createServiceAccountLine(account, trustingIdentity.clientId, ...extraFlags)
  ]
  return fail(
    'service-account',
    hasNamespace
      ? `the namespace ${namespace} has no service account "${name}"`
      : `there is no namespace ${namespace}, and so no service account "${name}" in it`,
    {
      fix,
      details: [
        ...similar.map(other => `there is one that looks like it: ${other.namespace}/${other.name}`),
        ...(trustingIdentity === undefined
          ? []
          : [
              `"${trustingIdentity.name}" (client id ${trustingIdentity.clientId}) trusts ${serviceAccountSubject(namespace, name)}`
            ])
      ]
    }
  )
}

/** The largest number of similar names to show. */
const mostNames = 3
/** The largest edit distance of a mistyped name. */
const mostTypos = 2

/** Returns service accounts with the same name in another namespace, or with a similar name in this one. The reader might have meant one of them. */
export function similarAccounts(
  { namespace, name }: ServiceAccountReference,
  subjects: ReadonlySet<string>
): ServiceAccountReference[] {
  // Every namespace has a service account named default.
  const isDistinctive = name !== 'default'
  return [...subjects]
    .flatMap(subject => parseServiceAccountSubject(subject) ?? [])
    .filter(other =>
      other.namespace === namespace
        ? Math.abs(other.name.length - name.length) <= mostTypos && editDistance(other.name, name) <= mostTypos
        : isDistinctive && other.name === name
    )
    .slice(0, mostNames)
}
