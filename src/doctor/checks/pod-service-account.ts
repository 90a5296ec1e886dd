import { isAnnotated } from '../../connections/model.js'
import { annotation } from '../../domain/annotations.js'
import type { Evidence } from '../evidence/model.js'
import { countPods, type PodGroup } from '../evidence/pod-group.js'
import { containersOf } from '../evidence/pod-spec.js'
import { fail, type Finding, ok } from '../finding.js'
import { recreatePodsFix, setServiceAccountFix } from '../fixes/pod.js'

/** Checks that the pods run as the service account, and that their author likely meant this one. */
export function serviceAccountCheck({ account }: Evidence, group: PodGroup): Finding {
  const { name } = account
  const { kubectlName, template, workload } = group
  const ofTemplate = accountOf(template?.spec)
  if (workload !== undefined && ofTemplate !== name) {
    return fail(
      'pod-service-account',
      `its pods run as the service account ${ofTemplate}, not ${name}`,
      { found: ofTemplate, expected: name, ...setServiceAccountFix(group, name) },
      kubectlName
    )
  }
  const otherPods = group.pods.filter(({ spec }) => accountOf(spec) !== name)
  if (otherPods.length > 0) {
    const found = [...new Set(otherPods.map(({ spec }) => accountOf(spec)))].join(', ')
    return fail(
      'pod-service-account',
      `${countPods(otherPods.length, group.pods.length)} still run as the service account ${found}, not ${name}`,
      { found, expected: name, ...recreatePodsFix(group, otherPods) },
      kubectlName
    )
  }
  const { annotatedAccounts = [] } = account
  const clientId = account.account?.metadata?.annotations?.[annotation.clientId] ?? ''
  const setsClientId = containersOf(template?.spec).some(({ env = [] }) =>
    env.some(variable => variable.name === 'AZURE_CLIENT_ID')
  )
  // A service account that has annotations of azwi, or that an identity trusts, is the right one. It only lacks the client ID.
  const isIntended = account.trustingIdentity !== undefined || (account.account ? isAnnotated(account.account) : false)
  if (account.account && clientId === '' && !isIntended && !setsClientId && annotatedAccounts.length > 0) {
    const [only = '', ...more] = annotatedAccounts
    const others = `${annotatedAccounts.join(', ')} of the same namespace ${more.length === 0 ? 'does' : 'do'}`
    return fail(
      'pod-service-account',
      `it runs as the service account ${name}, which names no client id; ${others}`,
      {
        found: name,
        expected: annotatedAccounts.join(' or '),
        ...setServiceAccountFix(group, more.length === 0 ? only : '<service account>')
      },
      kubectlName
    )
  }
  return ok('pod-service-account', `it runs as the service account ${name}`, kubectlName)
}

/** Returns the name of the service account. The API server uses `default` for an empty one. */
function accountOf(spec: { serviceAccountName?: string; serviceAccount?: string } = {}): string {
  return [spec.serviceAccountName, spec.serviceAccount].find(name => name !== undefined && name !== '') ?? 'default'
}
