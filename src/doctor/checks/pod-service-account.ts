import { annotation } from '../../domain/annotations.js'
import { shellQuoted } from '../../errors.js'
import { isConnected } from '../../connections/reading.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, type FindingDetails, ok } from './finding.js'
import { mending, remaking } from '../fixes/pod.js'
import { containersOf, type PodGroup, share } from './pod-group.js'

/** Whether the pods run as the service account in question, and whether that is likely the one that was meant. */
export function serviceAccountCheck({ account }: Case, group: PodGroup): Finding {
  const { name } = account
  const { of, template, workload } = group
  const chosen = accountOf(template?.spec)
  if (workload !== undefined && chosen !== name) {
    return fail(
      'pod-service-account',
      `its pods run as the service account ${chosen}, not ${name}`,
      { found: chosen, expected: name, ...setting(group, name) },
      of
    )
  }
  const others = group.pods.filter(({ spec }) => accountOf(spec) !== name)
  if (others.length > 0) {
    const found = [...new Set(others.map(({ spec }) => accountOf(spec)))].join(', ')
    const message = `${share(others.length, group.pods.length)} still run as the service account ${found}, not ${name}`
    return fail('pod-service-account', message, { found, expected: name, ...remaking(group, others) }, of)
  }
  const { annotatedAccounts = [] } = account
  const clientId = account.account?.metadata?.annotations?.[annotation.clientId] ?? ''
  const setsOwn = containersOf(template?.spec).some(({ env = [] }) => env.some(each => each.name === 'AZURE_CLIENT_ID'))
  // One that bears annotations of ours, or is trusted by an identity, was meant: then its client id is what is missing.
  const isMeant = account.candidate !== undefined || (account.account ? isConnected(account.account) : false)
  if (account.account && clientId === '' && !isMeant && !setsOwn && annotatedAccounts.length > 0) {
    const [only = '', ...more] = annotatedAccounts
    const named = `${annotatedAccounts.join(', ')} of the same namespace ${more.length === 0 ? 'does' : 'do'}`
    return fail(
      'pod-service-account',
      `it runs as the service account ${name}, which names no client id; ${named}`,
      {
        found: name,
        expected: annotatedAccounts.join(' or '),
        ...setting(group, more.length === 0 ? only : '<service account>')
      },
      of
    )
  }
  return ok('pod-service-account', `it runs as the service account ${name}`, of)
}

/** Where none is named, the API server puts in the one of every namespace. */
function accountOf(spec: { serviceAccountName?: string; serviceAccount?: string } = {}): string {
  return [spec.serviceAccountName, spec.serviceAccount].find(name => name !== undefined && name !== '') ?? 'default'
}

/** `kubectl set serviceaccount` documents no cron jobs, so these are patched. */
function setting(group: PodGroup, account: string): FindingDetails {
  const told = mending(group, { spec: { serviceAccountName: account } }, `serviceAccountName: ${account}`)
  const { kind, name, namespace } = group
  if (told.fix === undefined || kind === 'cronjob') return told
  return {
    fix: [
      `kubectl set serviceaccount ${kind} ${shellQuoted(name)} ${shellQuoted(account)} --namespace ${shellQuoted(namespace)}`,
      ...told.fix.slice(1)
    ]
  }
}
