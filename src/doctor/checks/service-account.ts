import {
  parseServiceAccountSubject,
  type ServiceAccountReference,
  serviceAccountSubject
} from '../../domain/subject.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, ok, skipped } from './finding.js'
import { clientIdCheck, tenantIdCheck, tokenExpirationCheck } from './annotations.js'
import { noServiceAccount, whyUnread } from './follow.js'
import { connectLine, createServiceAccountLine } from '../fixes/identity.js'
import { editDistance } from '../explain/difference.js'

/** That the service account is there, and what its annotations say. */
export function serviceAccountChecks(of: Case): Finding[] {
  const { account } = of.account
  if (account)
    return [
      ok('service-account', `${of.account.namespace}/${of.account.name} is there`),
      clientIdCheck(of),
      tenantIdCheck(of),
      tokenExpirationCheck(of)
    ]
  const why = account === null ? noServiceAccount : whyUnread(of.account, 'the service account', 'service accounts')
  const first = account === null ? missing(of) : skipped('service-account', why)
  return [first, ...(['client-id', 'tenant-id', 'token-expiration'] as const).map(check => skipped(check, why))]
}

function missing({ account, cluster }: Case): Finding {
  const { namespace, name, subjects, candidate } = account
  const hasNamespace = 'unread' in cluster.namespaces || cluster.namespaces.value.has(namespace)
  const alike = alikeAccounts({ namespace, name }, subjects ?? new Set())
  const more = hasNamespace ? [] : ['--create-namespace']
  const fix = [
    candidate === undefined
      ? connectLine(account, ...more)
      : createServiceAccountLine(account, candidate.clientId, ...more)
  ]
  return fail(
    'service-account',
    hasNamespace
      ? `the namespace ${namespace} has no service account "${name}"`
      : `there is no namespace ${namespace}, and so no service account "${name}" in it`,
    {
      fix,
      details: [
        ...alike.map(each => `there is one that looks like it: ${each.namespace}/${each.name}`),
        ...(candidate === undefined
          ? []
          : [`"${candidate.name}" (client id ${candidate.clientId}) trusts ${serviceAccountSubject(namespace, name)}`])
      ]
    }
  )
}

/** More would tell a person no more. */
const mostNamed = 3
/** A slip of the fingers: two characters. */
const slip = 2

/** Service accounts that may have been meant: of the same name in another namespace, or nearly the same name in this one. */
export function alikeAccounts(
  { namespace, name }: ServiceAccountReference,
  subjects: ReadonlySet<string>
): ServiceAccountReference[] {
  // Every namespace has one of this name.
  const isOwn = name !== 'default'
  return [...subjects]
    .flatMap(subject => parseServiceAccountSubject(subject) ?? [])
    .filter(other =>
      other.namespace === namespace
        ? Math.abs(other.name.length - name.length) <= slip && editDistance(other.name, name) <= slip
        : isOwn && other.name === name
    )
    .slice(0, mostNamed)
}
