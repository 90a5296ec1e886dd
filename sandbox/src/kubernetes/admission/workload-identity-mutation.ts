import { type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { StatusError } from '../status-error.js'

/** The name of the webhook in its configuration (Azure/azure-workload-identity, deploy/azure-wi-webhook.yaml). */
export const workloadIdentityWebhook = 'mutation.azure-workload-identity.io'

/** The names of the webhook's config map and deployment (the same manifest). */
export const webhookResources = {
  configMap: 'azure-wi-webhook-config',
  deployment: 'azure-wi-webhook-controller-manager'
} as const

/** The name of the token's volume and file (pkg/webhook/consts.go up to v1.5). Later versions use other names. */
const tokenFile = 'azure-identity-token'
const tokenDirectory = '/var/run/secrets/azure/tokens'
const defaultAudience = 'api://AzureADTokenExchange'

const annotation = (name: string): string => `azure.workload.identity/${name}`

/**
 * Changes a new pod as Azure's webhook does (Azure/azure-workload-identity v1.5, pkg/webhook/webhook.go). Adds four
 * variables and a volume mount to each container that is not skipped, and a volume with the token. Does not set empty
 * variables, and does not replace existing ones. `namespace` is the namespace that the webhook runs in. Does not inject
 * the proxy sidecar (`inject-proxy-sidecar`). Throws a 400 for an invalid token expiration.
 */
export function mutatePod(state: State, pod: KubernetesObject, namespace: string): void {
  const { annotations = {}, namespace: podNamespace = '' } = pod.metadata
  const spec = objectAt(pod.spec)
  const account = state.cluster.serviceAccounts.get(`${podNamespace}/${textAt(spec, 'serviceAccountName')}`)
  const accountAnnotations = account?.metadata.annotations ?? {}
  const seconds = parseExpiration(
    annotations[annotation('service-account-token-expiration')],
    accountAnnotations[annotation('service-account-token-expiration')]
  )
  const settings = objectAt(state.cluster.configMaps.get(`${namespace}/${webhookResources.configMap}`), 'data')
  const variables = {
    AZURE_CLIENT_ID: accountAnnotations[annotation('client-id')] ?? '',
    AZURE_TENANT_ID: accountAnnotations[annotation('tenant-id')] ?? textAt(settings, 'AZURE_TENANT_ID'),
    AZURE_FEDERATED_TOKEN_FILE: `${tokenDirectory}/${tokenFile}`,
    AZURE_AUTHORITY_HOST: `${authorityHost(state)}/`
  }
  const skipped = (annotations[annotation('skip-containers')] ?? '').split(';').map(name => name.trim())
  const mutate = (container: JsonObject): JsonObject =>
    skipped.includes(textAt(container, 'name')) ? container : withMount(withVariables(container, variables))
  for (const list of ['initContainers', 'containers'])
    if (spec[list] !== undefined) spec[list] = listAt(spec, list).map(mutate)
  const volumes = listAt(spec, 'volumes')
  if (!volumes.some(isTokenVolume)) spec.volumes = [...volumes, tokenVolume(audienceOf(state, namespace), seconds)]
  pod.spec = spec
}

/**
 * Parses the annotation of the pod or, without one, of its service account. The error messages are those of Go. Returns
 * seconds.
 */
function parseExpiration(podAnnotation = '', accountAnnotation = ''): number {
  const text = podAnnotation === '' ? accountAnnotation : podAnnotation
  if (text === '') return 3600
  const seconds = Number(text)
  if (!/^[+-]?\d+$/.test(text)) throw denied(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (seconds >= 3600 && seconds <= 86_400) return seconds
  throw denied(`token expiration ${seconds} not valid. Expected value to be between 3600 and 86400`)
}

function denied(reason: string): StatusError {
  return new StatusError(
    400,
    'BadRequest',
    `admission webhook "${workloadIdentityWebhook}" denied the request: ${reason}`
  )
}

function withVariables(container: JsonObject, variables: Readonly<Record<string, string>>): JsonObject {
  const present = listAt(container, 'env')
  const missing = Object.entries(variables).filter(
    ([name, value]) => value !== '' && !present.some(variable => variable.name === name)
  )
  return { ...container, env: [...present, ...missing.map(([name, value]) => ({ name, value }))] }
}

function withMount(container: JsonObject): JsonObject {
  const mounts = listAt(container, 'volumeMounts')
  if (mounts.some(mount => mount.name === tokenFile)) return container
  return { ...container, volumeMounts: [...mounts, { name: tokenFile, mountPath: tokenDirectory, readOnly: true }] }
}

/**
 * Reports whether a volume holds the token. Only the path of the token counts, not its audience or the name of the
 * volume.
 */
function isTokenVolume(volume: JsonObject): boolean {
  return listAt(volume, 'projected', 'sources').some(
    source => textAt(source, 'serviceAccountToken', 'path') === tokenFile
  )
}

function tokenVolume(audience: string, expirationSeconds: number): JsonObject {
  const serviceAccountToken = { audience, expirationSeconds, path: tokenFile }
  return { name: tokenFile, projected: { defaultMode: 420, sources: [{ serviceAccountToken }] } }
}

/**
 * Returns the flag `--audience` of the webhook's deployment. All clouds have the same default
 * (Azure/azure-workload-identity issue 1675).
 */
function audienceOf({ cluster }: State, namespace: string): string {
  const manager = cluster.deployments.get(`${namespace}/${webhookResources.deployment}`)
  const args = listAt(manager, 'spec', 'template', 'spec', 'containers').flatMap(container =>
    Array.isArray(container.args) ? container.args : []
  )
  const flag = args.find((arg: Json): arg is string => typeof arg === 'string' && arg.startsWith('--audience='))
  return flag?.slice('--audience='.length) ?? defaultAudience
}

/**
 * Returns the URL of Entra: that of the cloud if the sandbox answers to the cloud's host names, else the one of the
 * sandbox.
 */
function authorityHost({ cloud, endpoints, servesCloudHosts }: State): string {
  return servesCloudHosts ? `https://${cloud.hosts.entra[0] ?? ''}` : endpoints.entra
}
