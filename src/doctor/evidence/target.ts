import type { V1Pod } from '@kubernetes/client-node'
import type { ServiceAccount } from '../../clients/kubernetes/client.js'
import { AzwiError, shellQuoted } from '../../errors.js'
import { annotation } from '../../domain/annotations.js'
import type { Found } from '../../connections/model.js'
import { isConnected } from '../../connections/reading.js'
import type { DeniedReads } from '../../connections/denied-reads.js'
import type { DoctorContext } from './context.js'
import type { Lookup, PodEvidence, Workload, WorkloadKind } from './model.js'
import { mapLookup, seen } from './lookup.js'
import { asksForWorkloadIdentity, ownerOf, serviceAccountOf, templateOf } from './workload.js'

/** A service account that is to be looked into, with what runs as it. */
export interface TargetAccount {
  readonly namespace: string
  readonly name: string
  readonly account: Found<ServiceAccount>
  readonly workloads: Lookup<readonly Workload[]>
  readonly pods: Lookup<readonly PodEvidence[]>
}

export interface TargetAccounts {
  readonly accounts: readonly TargetAccount[]
  /** `<namespace>/<name>` of every service account where the target lies; undefined where they were not listed. */
  readonly every: ReadonlySet<string> | undefined
  /** Of a pod's or a workload's namespace: the names of those that have a client id, one of which may have been meant. Undefined where it was not asked by those, or they may not be listed. */
  readonly annotated: readonly string[] | undefined
}

const kinds: readonly WorkloadKind[] = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob']

/** Finds the service accounts that a target is about. Throws an AzwiError where a pod or a workload that is named is not there. */
export async function readTargetAccounts(
  context: DoctorContext,
  refusals: DeniedReads,
  target: Target
): Promise<TargetAccounts> {
  switch (target.kind) {
    case 'service-account':
      return one(context, refusals, target.namespace, target.name)
    case 'pod': {
      const pod = await (await context.clusterReader()).pod(target.namespace, target.name)
      if (pod === undefined) throw notFound('pod', target.namespace, target.name)
      return one(context, refusals, target.namespace, serviceAccountOf(pod), isOwnerOf(pod), { value: [pod] })
    }
    case 'workload': {
      const workload = await readWorkload(context, target.workload, target.namespace, target.name)
      const mine = ({ kind, name }: { kind: string; name: string }): boolean =>
        kind === target.workload && name === target.name
      return one(context, refusals, target.namespace, serviceAccountOf(templateOf(workload)), mine)
    }
    case 'namespace':
      return many(context, refusals, target.namespace)
    case 'cluster':
      return many(context, refusals)
  }
}

type Mine = (owner: { readonly kind: string; readonly name: string }) => boolean

/** What made the pod; a pod that stands alone has nothing else that could be looked at. */
function isOwnerOf(pod: V1Pod): Mine {
  const owner = ownerOf(pod)
  return ({ kind, name }) => kind === owner?.kind && name === owner.name
}

async function one(
  context: DoctorContext,
  refusals: DeniedReads,
  namespace: string,
  name: string,
  mine?: Mine,
  given?: Lookup<V1Pod[]>
): Promise<TargetAccounts> {
  const reader = await context.clusterReader()
  const [account, every, workloads, pods] = await Promise.all([
    refusals.allow(
      'service accounts',
      async () => (await (await context.kubernetes()).serviceAccount({ namespace, name })) ?? null
    ),
    refusals.allow('the list of service accounts', async () => (await context.kubernetes()).serviceAccounts()),
    readWorkloads(context, refusals, namespace),
    given ?? seen(refusals, 'pods', () => reader.pods(namespace, name))
  ])
  return {
    every: every && namesOf(every),
    annotated: mine && every && annotatedIn(namespace, every),
    accounts: [
      {
        namespace,
        name,
        account,
        workloads: mapLookup(workloads, all =>
          all.filter(workload => serviceAccountOf(templateOf(workload)) === name && (mine?.(workload) ?? true))
        ),
        pods: mapLookup(pods, all =>
          all
            .map(podEvidence)
            .filter(({ owner }) => given !== undefined || (mine?.(owner ?? { kind: 'pod', name: '' }) ?? true))
        )
      }
    ]
  }
}

/** Those that are annotated, and those that pods with the label run as. */
async function many(context: DoctorContext, refusals: DeniedReads, namespace?: string): Promise<TargetAccounts> {
  const reader = await context.clusterReader()
  const [accounts, workloads, pods] = await Promise.all([
    context.kubernetes().then(client => client.serviceAccounts(namespace)),
    readWorkloads(context, refusals, namespace),
    seen(refusals, 'pods', () => reader.pods(namespace))
  ])
  const known = new Map(
    accounts.map(account => [`${account.metadata?.namespace ?? ''}/${account.metadata?.name ?? ''}`, account])
  )
  const workloadsOf = mapLookup(workloads, all =>
    grouped(all, workload => `${workload.namespace}/${serviceAccountOf(templateOf(workload))}`)
  )
  const podsOf = mapLookup(pods, all =>
    grouped(all.map(podEvidence), ({ pod }) => `${pod.metadata?.namespace ?? ''}/${serviceAccountOf(pod)}`)
  )
  const asking = [
    ...('value' in workloads
      ? workloads.value
          .filter(workload => asksForWorkloadIdentity(templateOf(workload)) || asksForWorkloadIdentity(workload.object))
          .map(workload => `${workload.namespace}/${serviceAccountOf(templateOf(workload))}`)
      : []),
    ...('value' in pods
      ? pods.value
          .filter(asksForWorkloadIdentity)
          .map(pod => `${pod.metadata?.namespace ?? ''}/${serviceAccountOf(pod)}`)
      : [])
  ]
  const chosen = new Set([...[...known].filter(([, account]) => isConnected(account)).map(([key]) => key), ...asking])
  return {
    every: new Set(known.keys()),
    annotated: undefined,
    accounts: [...chosen].sort().map(key => {
      const [inNamespace = '', name = ''] = key.split('/')
      return {
        namespace: inNamespace,
        name,
        account: known.get(key) ?? null,
        workloads: mapLookup(workloadsOf, groups => groups.get(key) ?? []),
        pods: mapLookup(podsOf, groups => groups.get(key) ?? [])
      }
    })
  }
}

async function readWorkloads(
  context: DoctorContext,
  refusals: DeniedReads,
  namespace: string | undefined
): Promise<Lookup<Workload[]>> {
  const reader = await context.clusterReader()
  return seen(refusals, 'workloads', async () =>
    (
      await Promise.all(
        kinds.map(async kind =>
          (await reader.workloads(kind, namespace)).map(object => ({
            kind,
            namespace: object.metadata?.namespace ?? '',
            name: object.metadata?.name ?? '',
            object
          }))
        )
      )
    ).flat()
  )
}

async function readWorkload(
  context: DoctorContext,
  kind: WorkloadKind,
  namespace: string,
  name: string
): Promise<Workload> {
  const object = await (await context.clusterReader()).workload(kind, namespace, name)
  if (object === undefined) throw notFound(kind, namespace, name)
  return { kind, namespace, name, object }
}

function notFound(kind: string, namespace: string, name: string): AzwiError {
  return new AzwiError('NotFound', `there is no ${kind} "${name}" in the namespace "${namespace}"`, {
    hint: `list them: kubectl get ${kind}s --namespace ${shellQuoted(namespace)}`
  })
}

const podEvidence = (pod: V1Pod): PodEvidence => ({ pod, owner: ownerOf(pod) })

const namesOf = (accounts: readonly ServiceAccount[]): Set<string> =>
  new Set(accounts.map(({ metadata }) => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`))

const annotatedIn = (namespace: string, accounts: readonly ServiceAccount[]): string[] =>
  accounts
    .filter(
      ({ metadata }) =>
        metadata?.namespace === namespace && (metadata.annotations?.[annotation.clientId] ?? '').trim() !== ''
    )
    .map(({ metadata }) => metadata?.name ?? '')

function grouped<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each])
  return groups
}

/** What the doctor is asked about. */
export type Target =
  | { readonly kind: 'service-account'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'workload'; readonly workload: WorkloadKind; readonly namespace: string; readonly name: string }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'cluster' }
