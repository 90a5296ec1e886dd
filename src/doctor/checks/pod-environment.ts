import type { V1Container, V1Pod } from '@kubernetes/client-node'
import { annotation } from '../../domain/annotations.js'
import { shellQuoted } from '../../errors.js'
import type { Case } from '../evidence/model.js'
import { fail, type Finding, type FindingDetails, ok, skipped, warn } from './finding.js'
import { mending, remaking } from '../fixes/pod.js'
import {
  containersOf,
  containersWanted,
  lacksToken,
  type PodGroup,
  skipContainers,
  skippedNames,
  templateVariable,
  whyUnseen
} from './pod-group.js'
import { tokenFilePattern, tokenFiles, tokensOf } from './pod-token.js'
import { isSelected } from './webhook-selection.js'

/** A variable of a container that is not as it should be. */
interface Wrong {
  readonly container: string
  readonly variable: Variable
  /** Undefined where it is not there. */
  readonly found: string | undefined
  readonly expected: string
  readonly fromTemplate: boolean
}

/** Whether the four variables are in every container, and lead to the identity and the token. */
export function environmentCheck(of: Case, group: PodGroup): Finding {
  const { pods } = group
  const changed = pods.filter(pod => !lacksToken(pod, of.account.audience))
  const fromTemplate = inTemplate(of, group)
  if (fromTemplate.length === 0 && changed.length === 0)
    return skipped('pod-environment', whyUnseen(of, group), group.of)
  const wrong = [...fromTemplate, ...changed.flatMap(pod => inPod(of, group, pod))]
  const [first] = wrong
  if (first !== undefined) {
    const { found = 'nothing', expected } = first
    return fail('pod-environment', messageOf(first), { found, expected, ...toldOf(of, group, wrong, first) }, group.of)
  }
  const [pod] = changed
  const containers = pod === undefined ? [] : containersWanted(group, pod)
  if (containers.length === 0)
    return skipped('pod-environment', 'because all its containers are kept from the webhook', group.of)
  const fixed = changed.flatMap(each => hardCoded(of, containersWanted(group, each), each))[0]
  if (fixed !== undefined) {
    return warn(
      'pod-environment',
      `the container ${fixed.container} is told of a token file that is not there`,
      {
        found: fixed.found,
        expected: fixed.expected,
        details: ['the file moves with the version of the webhook: read its path from AZURE_FEDERATED_TOKEN_FILE']
      },
      group.of
    )
  }
  return ok('pod-environment', `the four variables are in ${containers.map(({ name }) => name).join(', ')}`, group.of)
}

/** What the template sets, the webhook keeps; so it can be seen before any pod is there. */
function inTemplate(of: Case, group: PodGroup): Wrong[] {
  if (group.workload === undefined) return []
  const values = Object.entries(expectedValues(of)) as [Variable, string][]
  const skipping = skippedNames(group.template?.annotations)
  return containersOf(group.template?.spec)
    .filter(({ name }) => !skipping.includes(name))
    .flatMap(({ name, env = [] }) =>
      values.flatMap(([variable, expected]) => {
        const set = env.find(each => each.name === variable)
        if (set === undefined || set.valueFrom !== undefined || isSameValue(variable, set.value ?? '', expected))
          return []
        return [{ container: name, variable, found: set.value ?? '', expected, fromTemplate: true }]
      })
    )
}

/** Of what the webhook has written into a pod; what differs from the annotations is a matter of its age, and told there. */
function inPod(of: Case, group: PodGroup, pod: V1Pod): Wrong[] {
  const annotations = of.account.account?.metadata?.annotations ?? {}
  const known = expectedValues(of)
  const old = (variable: Variable): boolean =>
    variable === 'AZURE_CLIENT_ID' ||
    (variable === 'AZURE_TENANT_ID' && (annotations[annotation.tenantId] ?? '') !== '')
  return containersWanted(group, pod).flatMap(container =>
    variables
      .filter(variable => !old(variable))
      .flatMap(variable => {
        const set = container.env?.find(({ name }) => name === variable)
        const own = templateVariable(group, container.name, variable)
        // What has no label does by itself what it needs, and not more.
        if (set === undefined && !isSelected(of, pod)) return []
        if (set?.valueFrom !== undefined || (own !== undefined && variable !== 'AZURE_FEDERATED_TOKEN_FILE')) return []
        const files = filesOf(of, container, pod)
        // Without a mount there is no right path: that is told of the volume.
        if (variable === 'AZURE_FEDERATED_TOKEN_FILE' && files.length === 0) return []
        const expected =
          variable === 'AZURE_FEDERATED_TOKEN_FILE'
            ? (files.find(file => file === set?.value) ?? files[0])
            : known[variable]
        if (set !== undefined && (expected === undefined || isSameValue(variable, set.value ?? '', expected))) return []
        return [
          {
            container: container.name,
            variable,
            found: set?.value,
            expected: expected ?? `<${variable}>`,
            fromTemplate: own !== undefined
          }
        ]
      })
  )
}

function filesOf({ account }: Case, container: V1Container, pod: V1Pod): string[] {
  return tokenFiles(container, tokensOf(pod.spec, account.audience))
}

function messageOf({ container, variable, found, fromTemplate }: Wrong): string {
  if (fromTemplate)
    return `its template sets ${variable} in the container ${container} to another value, which the webhook keeps`
  return found === undefined
    ? `${variable} is missing in the container ${container}`
    : `${variable} has another value in the container ${container}`
}

function toldOf(
  of: Case,
  group: PodGroup,
  wrong: readonly Wrong[],
  { variable, expected, fromTemplate }: Wrong
): FindingDetails {
  if (fromTemplate) {
    const own = wrong.filter(each => each.fromTemplate)
    const isInit = (name: string): boolean =>
      group.template?.spec?.initContainers?.some(each => each.name === name) ?? false
    const without = (containers: readonly string[]): object[] =>
      containers.map(name => ({
        name,
        env: [...new Set(own.filter(({ container }) => container === name).map(each => each.variable))].map(each => ({
          name: each,
          $patch: 'delete'
        }))
      }))
    const names = [...new Set(own.map(({ container }) => container))]
    const lists = {
      initContainers: without(names.filter(isInit)),
      containers: without(names.filter(name => !isInit(name)))
    }
    const spec = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
    return mending(group, { spec }, `no ${variable} of its own`, 'strategic')
  }
  const again = remaking(group)
  if (variable === 'AZURE_TENANT_ID') {
    const { name, namespace } = of.account
    const tenant = expected.startsWith('<') ? '<tenant id>' : expected
    const account = `${shellQuoted(name)} --namespace ${shellQuoted(namespace)}`
    const line = `kubectl annotate serviceaccount ${account} --overwrite ${shellQuoted(`${annotation.tenantId}=${tenant}`)}`
    return { ...again, fix: [line, ...(again.fix ?? [])] }
  }
  if (variable !== 'AZURE_AUTHORITY_HOST') return again
  return {
    ...again,
    details: [
      ...(again.details ?? []),
      'the webhook takes it from AZURE_ENVIRONMENT in the config map azure-wi-webhook-config'
    ]
  }
}

/** Paths of other versions of the webhook that are written out in a container's command, arguments or other variables. */
function hardCoded(
  of: Case,
  containers: readonly V1Container[],
  pod: V1Pod
): { container: string; found: string; expected: string }[] {
  return containers.flatMap(container => {
    const files = filesOf(of, container, pod)
    const { name, command = [], args = [], env = [] } = container
    const texts = [
      ...command,
      ...args,
      ...env.filter(each => each.name !== 'AZURE_FEDERATED_TOKEN_FILE').map(({ value = '' }) => value)
    ]
    const found = texts
      .map(text => tokenFilePattern.exec(text)?.[0])
      .find(path => path !== undefined && !files.includes(path))
    return found === undefined || files[0] === undefined ? [] : [{ container: name, found, expected: files[0] }]
  })
}

/** Whether containers are kept from the webhook by annotation. */
export function containersCheck(group: PodGroup): Finding {
  const { of, pods, template } = group
  const { annotations = {}, spec } = template ?? { annotations: pods[0]?.metadata?.annotations, spec: pods[0]?.spec }
  const names = containersOf(spec).map(({ name }) => name)
  const asked = skippedNames(annotations)
  const kept = names.filter(name => asked.includes(name))
  const unknown = asked.filter(name => !names.includes(name))
  if (asked.length === 0) return ok('pod-containers', 'no container is kept from the webhook', of)
  const told = {
    found: `${skipContainers}: ${JSON.stringify(annotations[skipContainers])}`,
    expected: 'no such annotation',
    ...mending(group, { metadata: { annotations: { [skipContainers]: null } } }, `no annotation ${skipContainers}`)
  }
  if (kept.length === names.length)
    return fail(
      'pod-containers',
      'the annotation keeps all its containers from the webhook: none has a token',
      told,
      of
    )
  const keeps = kept.length === 0 ? [] : [`the annotation keeps ${kept.join(', ')} from the webhook: no token there`]
  const separator = unknown.some(name => name.includes(',')) ? ' (names are put apart by semicolons)' : ''
  const misses =
    unknown.length === 0
      ? []
      : [`the annotation names ${unknown.join(', ')}, but its containers are ${names.join(', ')}${separator}`]
  return warn('pod-containers', [...keeps, ...misses].join('; '), told, of)
}

/** What the webhook sets, and what Azure's SDKs read (azure-workload-identity, pkg/webhook/consts.go). */
export const variables = [
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST'
] as const
export type Variable = (typeof variables)[number]

/** The values that they should have, as far as they are known; the token file depends on the pod. */
export function expectedValues({ cluster, account }: Case): Partial<Record<Variable, string>> {
  const annotations = account.account?.metadata?.annotations ?? {}
  const clientId = annotations[annotation.clientId] ?? ''
  // Only where the identity was found there is it certain that this is the tenant to ask.
  const tenantId =
    annotations[annotation.tenantId] ?? (account.connection?.identity ? account.tenantId : undefined) ?? ''
  return {
    ...(clientId === '' ? {} : { AZURE_CLIENT_ID: clientId }),
    ...(tenantId === '' ? {} : { AZURE_TENANT_ID: tenantId }),
    ...(cluster.authorityHost === undefined ? {} : { AZURE_AUTHORITY_HOST: cluster.authorityHost })
  }
}

/** Ids are the same in any letter case, a URL with or without a slash at its end; a file is not. */
export function isSameValue(variable: Variable, one: string, other: string): boolean {
  if (variable === 'AZURE_FEDERATED_TOKEN_FILE') return one === other
  const plain = (text: string): string =>
    text.toLowerCase().replace(variable === 'AZURE_AUTHORITY_HOST' ? /\/+$/ : '', '')
  return plain(one) === plain(other)
}
