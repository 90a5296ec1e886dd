import { isJsonObject, type Json, type JsonObject, listAt, objectAt, textAt } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import { nameSuffix } from '../generated-names.js'
import { forbidden } from '../status-error.js'
import { callWebhooks } from './webhooks.js'

/**
 * Admits a new pod: sets its service account, then calls the webhooks. This is the order of the API server's plugins.
 * Throws a StatusError if the pod is rejected.
 */
export function admitPod(state: State, pod: KubernetesObject): void {
  setServiceAccount(state, pod)
  callWebhooks(state, pod)
}

const tokenDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The admission plugin ServiceAccount (kubernetes/plugin/pkg/admission/serviceaccount). The service account must exist.
 * The pod gets a token for the API server, which Azure does not accept, unless `automountServiceAccountToken` is false.
 */
function setServiceAccount({ cluster }: State, pod: KubernetesObject): void {
  const { name, generateName, namespace = '' } = pod.metadata
  const requestedName = textAt(pod.spec, 'serviceAccountName')
  const accountName = requestedName === '' ? 'default' : requestedName
  const account = cluster.serviceAccounts.get(`${namespace}/${accountName}`)
  if (account === undefined) {
    // The name is not generated yet when plugins run.
    throw forbidden(
      { plural: 'pods', group: '' },
      typeof generateName === 'string' ? generateName : name,
      `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`
    )
  }
  const spec: JsonObject = { ...objectAt(pod.spec), serviceAccountName: accountName, serviceAccount: accountName }
  const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true
  pod.spec = automount === true ? withTokenVolume(spec) : spec
}

function withTokenVolume(spec: JsonObject): JsonObject {
  const volume = `kube-api-access-${nameSuffix()}`
  const mount = (container: Json): Json => {
    const mounts = listAt(container, 'volumeMounts')
    if (!isJsonObject(container) || mounts.some(({ mountPath }) => mountPath === tokenDirectory)) return container
    return { ...container, volumeMounts: [...mounts, { name: volume, mountPath: tokenDirectory, readOnly: true }] }
  }
  const lists = ['initContainers', 'containers'].filter(list => spec[list] !== undefined)
  return {
    ...spec,
    ...Object.fromEntries(lists.map(list => [list, listAt(spec, list).map(mount)])),
    volumes: [
      ...listAt(spec, 'volumes'),
      {
        name: volume,
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }]
              }
            }
          ]
        }
      }
    ]
  }
}
