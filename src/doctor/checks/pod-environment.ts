import type { V1Container, V1Pod } from '@kubernetes/client-node'
import { annotation } from '../../domain/annotations.js'
import type { Evidence } from '../evidence/model.js'
import { containersToInject, type PodGroup, templateVariable } from '../evidence/pod-group.js'
import {
  azureTokensOf,
  containersOf,
  hasAzureToken,
  skippedContainers,
  tokenFilePaths,
  tokenFilePattern
} from '../evidence/pod-spec.js'
import { fail, type Finding, type FindingDetails, ok, skipped, warn } from '../finding.js'
import { annotateLine } from '../fixes/identity.js'
import { patchTemplateFix, recreatePodsFix } from '../fixes/pod.js'
import { expectedValues, isSameValue, type Variable, variables } from './pod-variables.js'
import { isSelected, noTokenPodReason } from './webhook-selection.js'

/** A variable of a container whose value is not the expected one. */
interface WrongVariable {
  readonly container: string
  readonly variable: Variable
  /** Undefined if the variable is missing. */
  readonly found: string | undefined
  readonly expected: string
  /** Whether the template sets it. */
  readonly isFromTemplate: boolean
}

/** Checks that every container has the four variables, and that they lead to the identity and the token. */
export function environmentCheck(evidence: Evidence, group: PodGroup): Finding {
  const { kubectlName } = group
  const podsWithToken = group.pods.filter(pod => hasAzureToken(pod, evidence.account.audience))
  const wrongInTemplate = checkTemplate(evidence, group)
  if (wrongInTemplate.length === 0 && podsWithToken.length === 0)
    return skipped('pod-environment', noTokenPodReason(evidence, group), kubectlName)
  const wrong = [...wrongInTemplate, ...podsWithToken.flatMap(pod => checkPod(evidence, group, pod))]
  const [first] = wrong
  if (first !== undefined) {
    const { found = 'nothing', expected } = first
    return fail(
      'pod-environment',
      messageOf(first),
      { found, expected, ...fixOf(evidence, group, wrong, first) },
      kubectlName
    )
  }
  const [pod] = podsWithToken
  const containers = pod === undefined ? [] : containersToInject(group, pod)
  if (containers.length === 0)
    return skipped('pod-environment', 'because all its containers are kept from the webhook', kubectlName)
  const [outdated] = podsWithToken.flatMap(podWithToken =>
    outdatedPaths(evidence, containersToInject(group, podWithToken), podWithToken)
  )
  if (outdated !== undefined) {
    return warn(
      'pod-environment',
      `the container ${outdated.container} is told of a token file that is not there`,
      {
        found: outdated.found,
        expected: outdated.expected,
        details: ['the file moves with the version of the webhook: read its path from AZURE_FEDERATED_TOKEN_FILE']
      },
      kubectlName
    )
  }
  return ok(
    'pod-environment',
    `the four variables are in ${containers.map(({ name }) => name).join(', ')}`,
    kubectlName
  )
}

/** Returns the wrong variables in the template. The webhook keeps them, so they are wrong even before a pod exists. */
function checkTemplate(evidence: Evidence, group: PodGroup): WrongVariable[] {
  if (group.workload === undefined) return []
  const values = Object.entries(expectedValues(evidence)) as [Variable, string][]
  const skippedNames = skippedContainers(group.template?.annotations)
  return containersOf(group.template?.spec)
    .filter(({ name }) => !skippedNames.includes(name))
    .flatMap(({ name, env = [] }) =>
      values.flatMap(([variable, expected]) => {
        const set = env.find(entry => entry.name === variable)
        if (set === undefined || set.valueFrom !== undefined || isSameValue(variable, set.value ?? '', expected))
          return []
        return [{ container: name, variable, found: set.value ?? '', expected, isFromTemplate: true }]
      })
    )
}

/** Returns the wrong variables of a pod. Leaves out those that come from the annotations: the check `pod-age` compares them. */
function checkPod(evidence: Evidence, group: PodGroup, pod: V1Pod): WrongVariable[] {
  const annotations = evidence.account.account?.metadata?.annotations ?? {}
  const values = expectedValues(evidence)
  const isFromAnnotation = (variable: Variable): boolean =>
    variable === 'AZURE_CLIENT_ID' ||
    (variable === 'AZURE_TENANT_ID' && (annotations[annotation.tenantId] ?? '') !== '')
  return containersToInject(group, pod).flatMap(container =>
    variables
      .filter(variable => !isFromAnnotation(variable))
      .flatMap(variable => {
        const set = container.env?.find(({ name }) => name === variable)
        const ofTemplate = templateVariable(group, container.name, variable)
        // A pod that the webhook does not select sets the variables that it needs by itself.
        if (set === undefined && !isSelected(evidence, pod)) return []
        if (set?.valueFrom !== undefined || (ofTemplate !== undefined && variable !== 'AZURE_FEDERATED_TOKEN_FILE'))
          return []
        const files = tokenFilesIn(evidence, container, pod)
        // Without a mount no path is right. The check `pod-token-volume` reports that.
        if (variable === 'AZURE_FEDERATED_TOKEN_FILE' && files.length === 0) return []
        const expected =
          variable === 'AZURE_FEDERATED_TOKEN_FILE'
            ? (files.find(file => file === set?.value) ?? files[0])
            : values[variable]
        if (set !== undefined && (expected === undefined || isSameValue(variable, set.value ?? '', expected))) return []
        return [
          {
            container: container.name,
            variable,
            found: set?.value,
            expected: expected ?? `<${variable}>`,
            isFromTemplate: ofTemplate !== undefined
          }
        ]
      })
  )
}

function tokenFilesIn({ account }: Evidence, container: V1Container, pod: V1Pod): string[] {
  return tokenFilePaths(container, azureTokensOf(pod.spec, account.audience))
}

function messageOf({ container, variable, found, isFromTemplate }: WrongVariable): string {
  if (isFromTemplate)
    return `its template sets ${variable} in the container ${container} to another value, which the webhook keeps`
  return found === undefined
    ? `${variable} is missing in the container ${container}`
    : `${variable} has another value in the container ${container}`
}

function fixOf(
  evidence: Evidence,
  group: PodGroup,
  wrong: readonly WrongVariable[],
  { variable, expected, isFromTemplate }: WrongVariable
): FindingDetails {
  if (isFromTemplate) return deleteVariablesFix(group, wrong, variable)
  const recreateFix = recreatePodsFix(group)
  if (variable === 'AZURE_TENANT_ID') {
    const tenantId = expected.startsWith('<') ? '<tenant id>' : expected
    return {
      ...recreateFix,
      fix: [annotateLine(evidence.account, annotation.tenantId, tenantId), ...(recreateFix.fix ?? [])]
    }
  }
  if (variable !== 'AZURE_AUTHORITY_HOST') return recreateFix
  return {
    ...recreateFix,
    details: [
      ...(recreateFix.details ?? []),
      'the webhook takes it from AZURE_ENVIRONMENT in the config map azure-wi-webhook-config'
    ]
  }
}

/** Returns the fix that deletes the wrong variables from the template, so that the webhook sets them. */
function deleteVariablesFix(group: PodGroup, wrong: readonly WrongVariable[], variable: Variable): FindingDetails {
  const inTemplate = wrong.filter(({ isFromTemplate }) => isFromTemplate)
  const isInit = (container: string): boolean =>
    group.template?.spec?.initContainers?.some(({ name }) => name === container) ?? false
  const patchContainers = (containers: readonly string[]): object[] =>
    containers.map(container => ({
      name: container,
      env: [...new Set(inTemplate.filter(entry => entry.container === container).map(entry => entry.variable))].map(
        name => ({ name, $patch: 'delete' })
      )
    }))
  const containers = [...new Set(inTemplate.map(({ container }) => container))]
  const lists = {
    initContainers: patchContainers(containers.filter(isInit)),
    containers: patchContainers(containers.filter(container => !isInit(container)))
  }
  const spec = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
  return patchTemplateFix(group, { spec }, `no ${variable} of its own`, 'strategic')
}

/** Returns the paths of other webhook versions in a container's command, arguments and variables, with the path that the container has. */
function outdatedPaths(
  evidence: Evidence,
  containers: readonly V1Container[],
  pod: V1Pod
): { container: string; found: string; expected: string }[] {
  return containers.flatMap(container => {
    const files = tokenFilesIn(evidence, container, pod)
    const { name, command = [], args = [], env = [] } = container
    const texts = [
      ...command,
      ...args,
      ...env.filter(entry => entry.name !== 'AZURE_FEDERATED_TOKEN_FILE').map(({ value = '' }) => value)
    ]
    const found = texts
      .map(text => tokenFilePattern.exec(text)?.[0])
      .find(path => path !== undefined && !files.includes(path))
    return found === undefined || files[0] === undefined ? [] : [{ container: name, found, expected: files[0] }]
  })
}
