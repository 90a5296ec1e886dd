import type { Application } from '../../sandbox/src/graph/directory.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'
import type { Ground } from '../helpers/fixes/form.js'
import { identityFlags, onlyManagedIdentity } from '../helpers/managed-identity.js'
import { onlyApplication } from '../helpers/state.js'
import { askCluster } from '../../sandbox/test/client.js'

export type IdentityKind = 'application' | 'managed identity'

export const namespace = 'shop'
export const account = 'checkout'
export const grant = 'Reader=rg:azwi-sandbox'
export const useLabel = 'azure.workload.identity/use'

/** A pod template with two containers and the label of the webhook. */
export const template = {
  metadata: { labels: { app: account, [useLabel]: 'true' } as Record<string, string> },
  spec: {
    serviceAccountName: account,
    containers: [
      { name: 'server', image: 'checkout:1' },
      { name: 'agent', image: 'agent:1' }
    ]
  }
}

/** Creates an object. `collection` is a path, or the plural name of a kind in the API group apps. */
export async function createObject(
  { sandbox }: Pick<Ground, 'sandbox'>,
  collection: string,
  object: object
): Promise<void> {
  const path = collection.startsWith('/') ? collection : `/apis/apps/v1/namespaces/${namespace}/${collection}`
  const { status, text } = await askCluster(sandbox, path, { method: 'POST', body: object })
  if (status !== 201) throw new Error(`${collection}: ${status} ${text}`)
}

/** Connects the service account `shop/checkout` with azwi, and creates a deployment that uses it. */
export async function createHealthySetup(ground: Ground, kind: IdentityKind): Promise<void> {
  const { status, stderr } = await ground.run(
    'serviceaccount',
    'create',
    '--service-account-namespace',
    namespace,
    '--service-account-name',
    account,
    '--create-namespace',
    '--grant',
    grant,
    ...(kind === 'application' ? [] : identityFlags)
  )
  if (status !== 0) throw new Error(stderr)
  await createObject(ground, 'deployments', {
    metadata: { name: account },
    spec: { replicas: 2, selector: { matchLabels: { app: account } }, template }
  })
}

/** Returns the identity of the healthy setup. */
export const identityOf = (state: State, kind: IdentityKind): Application | ManagedIdentity =>
  kind === 'application' ? onlyApplication(state) : onlyManagedIdentity(state)

export const clientIdOf = (identity: Application | ManagedIdentity): string =>
  'appId' in identity ? identity.appId : identity.clientId

export const without = (texts: Readonly<Record<string, string>>, key: string): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => name !== key))
