import { decodeJwt } from 'jose'
import { type JsonObject, listAt, numberAt, objectAt, textAt } from '../../sandbox/src/json.js'
import type { Sandbox } from '../../sandbox/src/index.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import { ask, askCluster } from '../../sandbox/test/client.js'

const variables = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_AUTHORITY_HOST'] as const

/** With what a container asks for an access token. */
interface Login {
  readonly namespace: string
  readonly account: string
  readonly audience: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * What the pods of a namespace meet, each thing once; nothing where all goes well. It knows nothing of the doctor: it does in each container what
 * one of Azure's SDKs does there with the variables and the file that it finds, and looks whether the token may do anything.
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
  const logins = new Map(found.map(each => [JSON.stringify(each), each]))
  const met = await Promise.all(
    [...logins.values()].map(async login => (typeof login === 'string' ? login : refusalOf(sandbox, login)))
  )
  return [...new Set([...(lacksPods ? ['no new pod'] : []), ...met.filter(symptom => symptom !== undefined)])].sort()
}

/** What the webhook and the template have given a container; in words, what it lacks. */
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

/** Why no access token comes of it, or none that is good for anything. */
async function refusalOf(
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
