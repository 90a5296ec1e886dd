import { decodeJwt } from 'jose'
import type { KubernetesObject, World } from '../../src/sandbox/world.js'
import { listAt, numberAt, objectAt, textAt, type JsonObject } from '../../src/sandbox/json.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { ask, askCluster } from '../sandbox/client.js'

const variables = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_AUTHORITY_HOST']

/**
 * What the pods of a namespace meet, each thing once; nothing where all goes well. It knows nothing of the doctor: it does in each container what
 * one of Azure's SDKs does there with the variables and the file that it finds, and looks whether the token may do anything.
 */
export async function symptomsIn(sandbox: Sandbox, namespace: string): Promise<string[]> {
  const { pods, deployments, statefulSets } = sandbox.world.cluster
  const inNamespace = (object: KubernetesObject): boolean => object.metadata.namespace === namespace
  const missing = [...deployments.values(), ...statefulSets.values()].filter(inNamespace)
    .filter(({ spec, status }) => (numberAt(status, 'updatedReplicas') ?? 0) < (numberAt(spec, 'replicas') ?? 1)).map(() => 'no new pod')
  const met = await Promise.all([...pods.values()].filter(inNamespace).flatMap(pod =>
    listAt(pod.spec, 'containers').map(container => symptomOf(sandbox, pod, container))))
  return [...new Set([...missing, ...met].filter(symptom => symptom !== undefined))].sort()
}

async function symptomOf(sandbox: Sandbox, pod: KubernetesObject, container: JsonObject): Promise<string | undefined> {
  const environment = Object.fromEntries(listAt(container, 'env').map(variable => [textAt(variable, 'name'), textAt(variable, 'value')]))
  const lacking = variables.filter(name => environment[name] === undefined)
  if (lacking.length > 0) return lacking.length === variables.length ? 'no variables' : `no ${lacking.join(', ')}`
  const token = await tokenIn(sandbox, pod, container, environment.AZURE_FEDERATED_TOKEN_FILE ?? '')
  if (token === undefined) return 'no token file'
  const { json } = await ask(sandbox, `${environment.AZURE_AUTHORITY_HOST}${environment.AZURE_TENANT_ID}/oauth2/v2.0/token`, {
    method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials', client_id: environment.AZURE_CLIENT_ID ?? '', scope: 'https://management.azure.com/.default', client_assertion: token,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    }).toString()
  })
  if (typeof json.access_token !== 'string') return `AADSTS${String((json.error_codes as number[])[0])}`
  return hasRole(sandbox.world, String(decodeJwt(json.access_token).oid)) ? undefined : 'no role'
}

/** What the kubelet writes to the file. */
async function tokenIn(sandbox: Sandbox, pod: KubernetesObject, container: JsonObject, file: string): Promise<string | undefined> {
  const mount = listAt(container, 'volumeMounts').find(({ mountPath }) => typeof mountPath === 'string' && file.startsWith(`${mountPath}/`))
  const volume = listAt(pod.spec, 'volumes').find(({ name }) => name === mount?.name)
  const projection = listAt(volume, 'projected', 'sources').map(source => objectAt(source, 'serviceAccountToken')).find(({ path }) => file === `${textAt(mount, 'mountPath')}/${String(path)}`)
  if (projection === undefined) return undefined
  const audiences = projection.audience === undefined ? [] : [projection.audience]
  const { json } = await askCluster(sandbox, `/api/v1/namespaces/${pod.metadata.namespace ?? ''}/serviceaccounts/${textAt(pod.spec, 'serviceAccountName')}/token`, {
    method: 'POST', body: { spec: { audiences } }
  })
  return (json.status as { token?: string }).token
}

function hasRole({ roleAssignments }: World, principalId: string): boolean {
  return [...roleAssignments.values()].some(assignment => assignment.principalId === principalId)
}
