import type { KubernetesObject } from '../cluster.js'
import { type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import { StatusError } from '../status-error.js'

/** The name of the webhook in its configuration (Azure/azure-workload-identity, deploy/azure-wi-webhook.yaml). */
export const workloadIdentityWebhook = 'mutation.azure-workload-identity.io'

/** Where it is configured, and where it runs (the same manifest). */
export const configuration = {
  configMap: 'azure-wi-webhook-config',
  deployment: 'azure-wi-webhook-controller-manager'
} as const

/** Of volume, path and audience, as pkg/webhook/consts.go has them up to v1.5; later versions have other names for the volume and the path. */
const tokenFile = 'azure-identity-token'
const tokenDirectory = '/var/run/secrets/azure/tokens'
const defaultAudience = 'api://AzureADTokenExchange'

const annotation = (name: string): string => `azure.workload.identity/${name}`

/**
 * What Azure's webhook does to a new pod (Azure/azure-workload-identity v1.5, pkg/webhook/webhook.go): four variables and a mount in each container
 * that is not skipped, and a volume with a token. Variables without a value are left out, those that are there already stay. `namespace` is the
 * one that the webhook runs in. The proxy sidecar (`inject-proxy-sidecar`) is not injected.
 */
export function mutatePod(state: State, pod: KubernetesObject, namespace: string): void {
  const { annotations = {}, namespace: ownNamespace = '' } = pod.metadata
  const spec = objectAt(pod.spec)
  const account = state.cluster.serviceAccounts.get(`${ownNamespace}/${textAt(spec, 'serviceAccountName')}`)
  const ofAccount = account?.metadata.annotations ?? {}
  const seconds = expiration(
    annotations[annotation('service-account-token-expiration')],
    ofAccount[annotation('service-account-token-expiration')]
  )
  const settings = objectAt(state.cluster.configMaps.get(`${namespace}/${configuration.configMap}`), 'data')
  const variables = {
    AZURE_CLIENT_ID: ofAccount[annotation('client-id')] ?? '',
    AZURE_TENANT_ID: ofAccount[annotation('tenant-id')] ?? textAt(settings, 'AZURE_TENANT_ID'),
    AZURE_FEDERATED_TOKEN_FILE: `${tokenDirectory}/${tokenFile}`,
    AZURE_AUTHORITY_HOST: `${authorityHost(state)}/`
  }
  const skipped = (annotations[annotation('skip-containers')] ?? '').split(';').map(name => name.trim())
  const mutate = (container: JsonObject): JsonObject =>
    skipped.includes(textAt(container, 'name')) ? container : withMount(withVariables(container, variables))
  for (const list of ['initContainers', 'containers'])
    if (spec[list] !== undefined) spec[list] = listAt(spec, list).map(mutate)
  const volumes = listAt(spec, 'volumes')
  if (!volumes.some(projectsToken)) spec.volumes = [...volumes, tokenVolume(audienceOf(state, namespace), seconds)]
  pod.spec = spec
}

/** The pod's annotation counts before its account's. What cannot be read is refused with Go's words. */
function expiration(ofPod = '', ofAccount = ''): number {
  const text = ofPod === '' ? ofAccount : ofPod
  if (text === '') return 3600
  const seconds = Number(text)
  if (!/^[+-]?\d+$/.test(text)) throw denied(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (seconds >= 3600 && seconds <= 86_400) return seconds
  throw denied(`token expiration ${seconds} not valid. Expected value to be between 3600 and 86400`)
}

function denied(why: string): StatusError {
  return new StatusError(400, 'BadRequest', `admission webhook "${workloadIdentityWebhook}" denied the request: ${why}`)
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

/** A volume counts as the token's by the path in it, whatever its name and audience. */
function projectsToken(volume: JsonObject): boolean {
  return listAt(volume, 'projected', 'sources').some(
    source => textAt(source, 'serviceAccountToken', 'path') === tokenFile
  )
}

function tokenVolume(audience: string, expirationSeconds: number): JsonObject {
  const serviceAccountToken = { audience, expirationSeconds, path: tokenFile }
  return { name: tokenFile, projected: { defaultMode: 420, sources: [{ serviceAccountToken }] } }
}

/** `--audience` of the webhook's manager; the default is the public cloud's in every cloud (Azure/azure-workload-identity issue 1675). */
function audienceOf({ cluster }: State, namespace: string): string {
  const manager = cluster.deployments.get(`${namespace}/${configuration.deployment}`)
  const words = listAt(manager, 'spec', 'template', 'spec', 'containers').flatMap(({ args }) =>
    Array.isArray(args) ? args : []
  )
  const flag = words.find((word: Json): word is string => typeof word === 'string' && word.startsWith('--audience='))
  return flag?.slice('--audience='.length) ?? defaultAudience
}

/** Real webhooks have the cloud's address built in; where the sandbox plays no host names, its Entra is at its own. */
function authorityHost({ cloud, endpoints, playsHosts }: State): string {
  return playsHosts ? `https://${cloud.hosts.entra[0] ?? ''}` : endpoints.entra
}
