import type { V1Pod } from '@kubernetes/client-node'
import type { ServiceAccount } from '../../clients/kubernetes/client.js'
import { groupBy } from '../../collections.js'
import type { DeniedReads } from '../../connections/denied-reads.js'
import { type Found, isAnnotated } from '../../connections/model.js'
import { annotation } from '../../domain/annotations.js'
import { AzwiError, shellQuoted } from '../../errors.js'
import type { DoctorContext } from './context.js'
import { lookUpIfAllowed, mapResult } from './lookup.js'
import type { LookupResult, PodEvidence } from './model.js'
import {
  asksForWorkloadIdentity,
  ownerOf,
  serviceAccountOf,
  templateOf,
  type Workload,
  type WorkloadKind,
  workloadKinds
} from './workload.js'

/** The part of the cluster that the doctor examines. */
export type Target =
  | { readonly kind: 'service-account'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'workload'; readonly workload: WorkloadKind; readonly namespace: string; readonly name: string }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'cluster' }

/** A service account to examine, with the workloads and pods that use it. */
export interface SelectedAccount {
  readonly namespace: string
  readonly name: string
  readonly account: Found<ServiceAccount>
  readonly workloads: LookupResult<readonly Workload[]>
  readonly pods: LookupResult<readonly PodEvidence[]>
}

/** The service accounts that a target selects. */
export interface Selection {
  readonly accounts: readonly SelectedAccount[]
  /** `<namespace>/<name>` of every service account in the namespace or the cluster. Undefined without permission to list them. */
  readonly allNames: ReadonlySet<string> | undefined
  /** The names of the service accounts with a client ID, if the target is a pod or a workload. Undefined without permission to list them. */
  readonly annotatedNames: readonly string[] | undefined
}

/**
 * Reads the service accounts that a target selects, and what uses them.
 *
 * @throws AzwiError if the target is a pod or a workload that does not exist.
 */
export async function readSelection(
  context: DoctorContext,
  deniedReads: DeniedReads,
  target: Target
): Promise<Selection> {
  switch (target.kind) {
    case 'service-account':
      return selectOne(context, deniedReads, target.namespace, target.name)
    case 'pod': {
      const pod = await (await context.clusterReader()).pod(target.namespace, target.name)
      if (pod === undefined) throw notFound('pod', target.namespace, target.name)
      return selectOne(context, deniedReads, target.namespace, serviceAccountOf(pod), isOwnerOf(pod), { value: [pod] })
    }
    case 'workload': {
      const workload = await readWorkload(context, target.workload, target.namespace, target.name)
      const isTarget: OwnerFilter = ({ kind, name }) => kind === target.workload && name === target.name
      return selectOne(context, deniedReads, target.namespace, serviceAccountOf(templateOf(workload)), isTarget)
    }
    case 'namespace':
      return selectMany(context, deniedReads, target.namespace)
    case 'cluster':
      return selectMany(context, deniedReads)
  }
}

type OwnerFilter = (owner: { readonly kind: string; readonly name: string }) => boolean

/** Returns a filter for the owner of a pod. It matches nothing for a standalone pod. */
function isOwnerOf(pod: V1Pod): OwnerFilter {
  const owner = ownerOf(pod)
  return ({ kind, name }) => kind === owner?.kind && name === owner.name
}

/** `isWanted` limits the result to one workload and its pods. `knownPods` replaces the lookup of the pods. */
async function selectOne(
  context: DoctorContext,
  deniedReads: DeniedReads,
  namespace: string,
  name: string,
  isWanted?: OwnerFilter,
  knownPods?: LookupResult<V1Pod[]>
): Promise<Selection> {
  const reader = await context.clusterReader()
  const [account, allAccounts, workloads, pods] = await Promise.all([
    deniedReads.readIfAllowed(
      'service accounts',
      async () => (await (await context.kubernetes()).serviceAccount({ namespace, name })) ?? null
    ),
    deniedReads.readIfAllowed('the list of service accounts', async () =>
      (await context.kubernetes()).serviceAccounts()
    ),
    readWorkloads(context, deniedReads, namespace),
    knownPods ?? lookUpIfAllowed(deniedReads, 'pods', () => reader.pods(namespace, name))
  ])
  return {
    allNames: allAccounts && new Set(allAccounts.map(keyOf)),
    annotatedNames: isWanted && allAccounts && namesWithClientId(namespace, allAccounts),
    accounts: [
      {
        namespace,
        name,
        account,
        workloads: mapResult(workloads, all =>
          all.filter(workload => serviceAccountOf(templateOf(workload)) === name && (isWanted?.(workload) ?? true))
        ),
        pods: mapResult(pods, all =>
          all
            .map(podEvidence)
            .filter(({ owner }) => knownPods !== undefined || (isWanted?.(owner ?? { kind: 'pod', name: '' }) ?? true))
        )
      }
    ]
  }
}

/** Selects the annotated service accounts, and those that workloads and pods with the webhook's label use. */
async function selectMany(context: DoctorContext, deniedReads: DeniedReads, namespace?: string): Promise<Selection> {
  const reader = await context.clusterReader()
  const [accounts, workloads, pods] = await Promise.all([
    context.kubernetes().then(client => client.serviceAccounts(namespace)),
    readWorkloads(context, deniedReads, namespace),
    lookUpIfAllowed(deniedReads, 'pods', () => reader.pods(namespace))
  ])
  const accountsByKey = new Map(accounts.map(account => [keyOf(account), account]))
  const accountKeyOfWorkload = (workload: Workload): string =>
    `${workload.namespace}/${serviceAccountOf(templateOf(workload))}`
  const accountKeyOfPod = (pod: V1Pod): string => `${pod.metadata?.namespace ?? ''}/${serviceAccountOf(pod)}`
  const workloadsByAccount = mapResult(workloads, all => groupBy(all, accountKeyOfWorkload))
  const podsByAccount = mapResult(pods, all => groupBy(all.map(podEvidence), ({ pod }) => accountKeyOfPod(pod)))
  const labelled = [
    ...('value' in workloads
      ? workloads.value
          .filter(workload => asksForWorkloadIdentity(templateOf(workload)) || asksForWorkloadIdentity(workload.object))
          .map(accountKeyOfWorkload)
      : []),
    ...('value' in pods ? pods.value.filter(asksForWorkloadIdentity).map(accountKeyOfPod) : [])
  ]
  const selected = new Set([...accounts.filter(isAnnotated).map(keyOf), ...labelled])
  return {
    allNames: new Set(accountsByKey.keys()),
    annotatedNames: undefined,
    accounts: [...selected].sort().map(key => {
      const [accountNamespace = '', name = ''] = key.split('/')
      return {
        namespace: accountNamespace,
        name,
        account: accountsByKey.get(key) ?? null,
        workloads: mapResult(workloadsByAccount, groups => groups.get(key) ?? []),
        pods: mapResult(podsByAccount, groups => groups.get(key) ?? [])
      }
    })
  }
}

async function readWorkloads(
  context: DoctorContext,
  deniedReads: DeniedReads,
  namespace: string | undefined
): Promise<LookupResult<Workload[]>> {
  const reader = await context.clusterReader()
  return lookUpIfAllowed(deniedReads, 'workloads', async () =>
    (
      await Promise.all(
        workloadKinds.map(async kind =>
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

const keyOf = ({ metadata }: ServiceAccount): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`

const namesWithClientId = (namespace: string, accounts: readonly ServiceAccount[]): string[] =>
  accounts
    .filter(
      ({ metadata }) =>
        metadata?.namespace === namespace && (metadata.annotations?.[annotation.clientId] ?? '').trim() !== ''
    )
    .map(({ metadata }) => metadata?.name ?? '')
