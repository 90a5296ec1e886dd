import { setTimeout as sleepFor } from 'node:timers/promises'
import { armService } from './arm/service.js'
import { createCertificates } from './server/tls-certificates.js'
import type { HostedService } from './clouds/cloud.js'
import { createCloud } from './clouds/names.js'
import { startConnectProxy } from './server/connect-proxy.js'
import { entraService } from './entra/service.js'
import { writeEnvironment } from './environment.js'
import { createFaultEngine } from './faults/engine.js'
import type { Faults } from './faults/format.js'
import { noFaults } from './faults/plan.js'
import { readFaults } from './faults/read.js'
import { graphService } from './graph/service.js'
import type { Service } from './server/http.js'
import { issuerService } from './issuer/service.js'
import { kubernetesService } from './kubernetes/api-server.js'
import { type Intercept, listen } from './server/listener.js'
import type { Environment } from './proxy-environment.js'
import type { LoggedRequest } from './server/request-log.js'
import { createState, type StateOptions } from './create-state.js'
import type { State } from './state.js'

export { cloudNamed, cloudNames, type CloudName } from './clouds/names.js'
export type * from './faults/format.js'
export { parseFaults } from './faults/read.js'
export { FaultsError } from './faults/read-values.js'
export type { Intercept } from './server/listener.js'
export type { LoggedRequest } from './server/request-log.js'

/** With a `cloud`, the sandbox also plays that cloud's host names, behind a proxy that leads to it. */
export interface SandboxOptions extends Omit<StateOptions, 'faults'> {
  /** Fixed ports on 127.0.0.1; a service without one takes any that is free. */
  readonly ports?: Partial<Record<Service['name'], number>>
  /** What goes wrong. Where it cannot be meant, starting throws a FaultsError. */
  readonly faults?: Faults
  /** For the faults: waits, for real unless a test has a clock of its own. */
  readonly sleep?: (milliseconds: number) => Promise<void>
  /** Stands between every request and its service, behind the faults. */
  readonly intercept?: Intercept
}

/** A running cloud. Whoever started it must close it. */
export interface Sandbox {
  readonly state: State
  /** Every request that came in, oldest first. */
  readonly requests: LoggedRequest[]
  /** The authority that signed the listeners' certificate. */
  readonly caPem: string
  /** Where the proxy to the cloud's own host names is, in a sandbox that plays them. */
  readonly proxyUrl: string | undefined
  /**
   * Writes CA and kubeconfig into a directory, made if need be, and answers with the environment for a child process, to be laid over what it
   * inherits (this process's environment, unless told otherwise).
   */
  environment: (directory: string, inherited?: Environment) => Promise<Record<string, string>>
  close: () => Promise<void>
}

/** Starts every service on a port of its own. If one cannot listen, none does, and the promise rejects. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { faults: written, seed = 0, ...worldOptions } = options
  const faults = written === undefined ? noFaults : readFaults(written)
  const now = options.now ?? (() => new Date())
  const hosts: Partial<Record<Service['name'], readonly string[]>> =
    options.cloud === undefined ? {} : createCloud(options.cloud).hosts
  const [state, certificates] = await Promise.all([
    createState({ ...worldOptions, faults, seed }),
    createCertificates(now(), Object.values(hosts).flat())
  ])
  const { caPem, serverCertificatePem: certificate, serverKeyPem: key } = certificates
  const requests: LoggedRequest[] = []
  const closing = new AbortController()
  // A wait that is still on does not keep the process alive, nor does it outlast the sandbox.
  const sleep =
    options.sleep ?? (milliseconds => sleepFor(milliseconds, undefined, { ref: false, signal: closing.signal }))
  const engine = createFaultEngine(faults, { seed, state, sleep })
  const intercept = options.intercept ?? ((_request, _service, next) => next())
  const services = [
    entraService(state, caPem),
    graphService(state),
    armService(state),
    kubernetesService(state),
    issuerService(state)
  ]
  const started = await Promise.allSettled(
    services.map(async service => {
      const listener = await listen(service, {
        certificate,
        key,
        port: options.ports?.[service.name] ?? 0,
        hosts: hosts[service.name] ?? [],
        requests,
        now: state.now,
        uuid: state.uuid,
        intercept: (request, asked, next) => engine(request, asked, () => intercept(request, asked.name, next))
      })
      state.endpoints[service.name] = listener.url
      return listener
    })
  )
  const running: { close: () => Promise<void> }[] = started.flatMap(outcome =>
    outcome.status === 'fulfilled' ? [outcome.value] : []
  )
  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.all(running.map(each => each.close()))
  }
  const failure = started.find(outcome => outcome.status === 'rejected')
  if (failure !== undefined) {
    await close()
    throw failure.reason
  }
  connect(state)
  const proxy =
    options.cloud === undefined
      ? undefined
      : await startConnectProxy({ targets: targetsOf(state), requests, now: state.now })
  if (proxy !== undefined) running.push(proxy)
  const proxyUrl = proxy?.url
  return {
    state,
    requests,
    caPem,
    proxyUrl,
    close,
    environment: (directory, inherited = {}) => writeEnvironment(directory, { state, caPem, proxyUrl, inherited })
  }
}

/** Where each host name of the cloud leads. */
function targetsOf({ cloud, endpoints }: State): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(cloud.hosts).flatMap(([service, names]) =>
      names.map(name => [name, Number(new URL(endpoints[service as HostedService]).port)] as const)
    )
  )
}

/** What can be said only when the addresses are known: the issuer, the audiences, the cluster's resource in ARM. */
function connect(state: State): void {
  const { cloud, cluster, endpoints, tenantId, subscriptionId } = state
  cluster.issuer = `${endpoints.issuer}/${tenantId}/${cluster.id}/`
  cloud.graphAudiences.push(endpoints.graph, `${endpoints.graph}/`)
  cloud.armAudiences.push(endpoints.arm, `${endpoints.arm}/`)
  const id = `/subscriptions/${subscriptionId}/resourceGroups/azwi-sandbox/providers/Microsoft.ContainerService/managedClusters/${cluster.name}`
  state.managedClusters.set(id.toLowerCase(), {
    id,
    name: cluster.name,
    resourceGroup: 'azwi-sandbox',
    location: 'westeurope',
    tags: {},
    kubernetesVersion: '1.32',
    oidcIssuerEnabled: true,
    issuerUrl: cluster.issuer,
    workloadIdentityEnabled: true,
    otherProperties: { fqdn: new URL(endpoints.kubernetes).hostname }
  })
}
