import { decodeJwt } from 'jose'
import { type JsonObject, listAt, numberAt, objectAt, textAt } from '../../sandbox/src/json.js'
import type { Sandbox } from '../../sandbox/src/sandbox.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import { ask, askCluster } from '../../sandbox/test/client.js'

const variables = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_AUTHORITY_HOST'] as const

/** The values with which a container requests an access token. */
interface Login {
  readonly namespace: string
  readonly account: string
  readonly audience: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Returns the problems of the pods in a namespace, each once. It does not use the doctor: for each container it does what Azure's SDKs do with the
 * variables and the token file, and looks for a role of the access token.
 */
export async function symptomsIn(sandbox: Sandbox, namespace: string): Promise<string[]> {
  const { pods, deployments, statefulSets } = sandbox.state.cluster
  const inNamespace = (object: KubernetesObject): boolean => object.metadata.namespace === namespace
  const lacksPods = [...deployments.values(), ...statefulSets.values()]
    .filter(inNamespace)
    .some(({ spec, status }) => (numberAt(status, 'updatedReplicas') ?? 0) < (numberAt(spec, 'replicas') ?? 1))
  const found = [...pods.values()]
    .filter(inNamespace)
    .flatMap(pod => listAt(pod.spec, 'containers').map(container => loginOf(pod, container)))
  const logins = new Map(found.map(login => [JSON.stringify(login), login]))
  const problems = await Promise.all(
    [...logins.values()].map(async login => (typeof login === 'string' ? login : symptomOf(sandbox, login)))
  )
  return [
    ...new Set([...(lacksPods ? ['no new pod'] : []), ...problems.filter(symptom => symptom !== undefined)])
  ].sort()
}

/** Returns the login of a container, or the symptom if it lacks a part of it. */
function loginOf(pod: KubernetesObject, container: JsonObject): Login | string {
  const environment = Object.fromEntries(
    listAt(container, 'env').map(variable => [textAt(variable, 'name'), textAt(variable, 'value')])
  )
  const lacking = variables.filter(name => environment[name] === undefined)
  if (lacking.length > 0) return lacking.length === variables.length ? 'no variables' : `no ${lacking.join(', ')}`
  const file = environment.AZURE_FEDERATED_TOKEN_FILE ?? ''
  const mount = listAt(container, 'volumeMounts').find(
    ({ mountPath }) => typeof mountPath === 'string' && file.startsWith(`${mountPath}/`)
  )
  const volume = listAt(pod.spec, 'volumes').find(({ name }) => name === mount?.name)
  const projection = listAt(volume, 'projected', 'sources')
    .map(source => objectAt(source, 'serviceAccountToken'))
    .find(({ path }) => typeof path === 'string' && file === `${textAt(mount, 'mountPath')}/${path}`)
  if (projection === undefined) return 'no token file'
  return {
    namespace: pod.metadata.namespace ?? '',
    account: textAt(pod.spec, 'serviceAccountName'),
    audience: textAt(projection, 'audience'),
    environment
  }
}

/** Returns the symptom if Entra refuses the exchange, or the access token has no role. */
async function symptomOf(
  sandbox: Sandbox,
  { namespace, account, audience, environment }: Login
): Promise<string | undefined> {
  const minted = await askCluster(sandbox, `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    method: 'POST',
    body: { spec: { audiences: [audience] } }
  })
  const { token } = minted.json.status as { token?: string }
  if (token === undefined) return 'no token file'
  const { json } = await ask(
    sandbox,
    `${environment.AZURE_AUTHORITY_HOST ?? ''}${environment.AZURE_TENANT_ID ?? ''}/oauth2/v2.0/token`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: environment.AZURE_CLIENT_ID ?? '',
        scope: 'https://management.azure.com/.default',
        client_assertion: token,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
      }).toString()
    }
  )
  if (typeof json.access_token !== 'string') return `AADSTS${String((json.error_codes as number[])[0])}`
  const { oid } = decodeJwt(json.access_token)
  return [...sandbox.state.roleAssignments.values()].some(({ principalId }) => principalId === oid)
    ? undefined
    : 'no role'
}
