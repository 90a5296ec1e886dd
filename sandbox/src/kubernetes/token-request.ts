import { SignJWT } from 'jose'
import { wholeSeconds } from '../dates.js'
import { isJsonObject, type JsonObject, textAt } from '../json.js'
import type { State } from '../state.js'
import type { KubernetesObject } from './cluster.js'
import { serviceAccounts } from './kinds/core-kinds.js'
import type { Address } from './kinds/object-kind.js'
import { badRequest, conflict, invalid, invalidValue, notFound } from './status-error.js'
import { getObject } from './storage/store.js'

const field = 'spec.expirationSeconds'

/**
 * Issues a token for a service account, and returns a TokenRequest v1 authentication.k8s.io. The first signing key of
 * the cluster signs it. It can have any audience, and can be bound to a pod.
 */
export async function createToken(state: State, address: Address, sent: JsonObject): Promise<object> {
  const { cluster } = state
  const account = getObject(state, serviceAccounts, address)
  if (sent.kind !== undefined && sent.kind !== 'TokenRequest')
    throw badRequest(`TokenRequest expected, not ${JSON.stringify(sent.kind)}`)
  const spec = isJsonObject(sent.spec) ? sent.spec : {}
  const seconds = readExpiration(spec)
  const audiences = readAudiences(spec, cluster.issuer)
  const pod = boundPod(state, address, spec)
  const key = cluster.signingKeys[0]
  if (key === undefined) throw new Error('The cluster has no signing key.')
  const bound = pod === undefined ? {} : { pod: { name: pod.metadata.name, uid: pod.metadata.uid } }
  const issued = Math.floor(state.now().getTime() / 1000)
  const { namespace, name } = address
  const token = await new SignJWT({
    'kubernetes.io': { namespace, serviceaccount: { name, uid: account.metadata.uid }, ...bound }
  })
    .setProtectedHeader({ alg: key.jwk.alg, kid: key.kid })
    .setAudience(audiences)
    .setIssuer(cluster.issuer)
    .setSubject(`system:serviceaccount:${namespace}:${name}`)
    .setJti(state.uuid())
    .setIssuedAt(issued)
    .setNotBefore(issued)
    .setExpirationTime(issued + seconds)
    .sign(key.privateKey)
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: wholeSeconds(state.now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: wholeSeconds(new Date((issued + seconds) * 1000)) }
  }
}

/**
 * Returns the pod that the token is bound to, or undefined. Throws a 404 for an unknown pod, and a 409 if the UID does
 * not match.
 */
function boundPod(
  { cluster }: State,
  { namespace }: Address,
  { boundObjectRef }: JsonObject
): KubernetesObject | undefined {
  if (!isJsonObject(boundObjectRef)) return undefined
  const [kind, name] = [textAt(boundObjectRef, 'kind'), textAt(boundObjectRef, 'name')]
  const resource = { plural: `${kind.toLowerCase()}s`, group: '' }
  const pod = kind === 'Pod' ? cluster.pods.get(`${namespace}/${name}`) : undefined
  if (pod === undefined) throw notFound(resource, name)
  const { uid = pod.metadata.uid } = boundObjectRef
  if (uid === pod.metadata.uid) return pod
  throw conflict(
    resource,
    name,
    `the UID in the bound object reference (${textAt(boundObjectRef, 'uid')}) does not match the UID in record. The object might have been deleted and then recreated`
  )
}

function readExpiration({ expirationSeconds = 3600 }: JsonObject): number {
  if (typeof expirationSeconds !== 'number' || !Number.isInteger(expirationSeconds))
    throw badRequest(`${field} must be an integer`)
  const rule =
    expirationSeconds < 600
      ? 'may not specify a duration less than 10 minutes'
      : expirationSeconds > 2 ** 32
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined
  if (rule !== undefined)
    throw invalid('TokenRequest', '', [invalidValue(field, expirationSeconds, rule)], 'authentication.k8s.io')
  return expirationSeconds
}

/** Without audiences, the token is for the API server itself, whose audience is the issuer. */
function readAudiences({ audiences = [] }: JsonObject, issuer: string): string[] {
  if (!Array.isArray(audiences)) throw badRequest('spec.audiences must be a list')
  const texts = audiences.filter(audience => typeof audience === 'string')
  if (texts.length !== audiences.length) throw badRequest('spec.audiences must be a list of strings')
  return texts.length === 0 ? [issuer] : texts
}
