import { setTimeout as sleepFor } from 'node:timers/promises'
import { nodeResourceGroup } from './arm/managed-clusters.js'
import type { ManagedCluster } from './arm/resources.js'
import { armService } from './arm/service.js'
import type { HostedService } from './clouds/cloud.js'
import { createCloud } from './clouds/names.js'
import { createState, type StateOptions } from './create-state.js'
import { entraService } from './entra/service.js'
import { writeEnvironment } from './environment.js'
import { createFaultEngine } from './faults/engine.js'
import type { Faults } from './faults/format.js'
import { noFaults } from './faults/plan.js'
import { readFaults } from './faults/read.js'
import { graphService } from './graph/service.js'
import { issuerService } from './issuer/service.js'
import { kubernetesService } from './kubernetes/api-server.js'
import type { Environment } from './proxy-environment.js'
import { startConnectProxy } from './server/connect-proxy.js'
import type { Service } from './server/http.js'
import { type Intercept, listen } from './server/listener.js'
import type { LoggedRequest } from './server/request-log.js'
import { createCertificates } from './server/tls-certificates.js'
import type { State } from './state.js'

export { cloudNamed, cloudNames, type CloudName } from './clouds/names.js'
export type * from './faults/format.js'
export { parseFaults } from './faults/read.js'
export { FaultsError } from './faults/read-values.js'
export type { Intercept } from './server/listener.js'
export type { LoggedRequest } from './server/request-log.js'

/**
 * Options of a sandbox. With a `cloud`, the sandbox also answers to that cloud's host names, which clients reach
 * through a proxy.
 */
export interface SandboxOptions extends Omit<StateOptions, 'faults'> {
  /** Fixed ports on 127.0.0.1. A service without one takes any free port. */
  readonly ports?: Partial<Record<Service['name'], number>>
  /** The faults to inject. If they are not valid, `startSandbox` throws a FaultsError. */
  readonly faults?: Faults
  /** How the faults wait. The default is a real timer; a test can pass its own. */
  readonly sleep?: (milliseconds: number) => Promise<void>
  /** Is called for every request, after the faults and before the service. */
  readonly intercept?: Intercept
}

/** A running sandbox. The caller of `startSandbox` must close it. */
export interface Sandbox {
  /** Everything that exists in the sandbox. A test can read and change it. */
  readonly state: State
  /** The state under its former name, for scripts that were written for it. */
  readonly world: State
  /** All requests so far, oldest first. */
  readonly requests: LoggedRequest[]
  /** The certificate authority that signed the certificate of the services, in PEM. */
  readonly caPem: string
  /** The URL of the proxy for the cloud's own host names. Undefined without the `cloud` option. */
  readonly proxyUrl: string | undefined
  /**
   * Writes the certificate authority and a kubeconfig into a directory, and returns the environment variables that a
   * child process needs in addition to those it inherits. Creates the directory if it does not exist. `inherited` is
   * the environment that the child inherits; the sandbox reads its proxy settings.
   */
  environment: (directory: string, inherited?: Environment) => Promise<Record<string, string>>
  /** Stops all services and the proxy, and closes their connections. */
  close: () => Promise<void>
}

/** Starts every service on its own port. If one of them cannot listen, stops the others and rejects. */
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
  state.caPem = caPem
  const requests: LoggedRequest[] = []
  const closing = new AbortController()
  // `ref: false`: a pending wait must not keep the process alive. The signal ends it when the sandbox closes.
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
    await Promise.all(running.map(server => server.close()))
  }
  const failure = started.find(outcome => outcome.status === 'rejected')
  if (failure !== undefined) {
    await close()
    throw failure.reason
  }
  addAddresses(state)
  const proxy =
    options.cloud === undefined
      ? undefined
      : await startConnectProxy({ targets: portsByHostName(state), requests, now: state.now })
  if (proxy !== undefined) running.push(proxy)
  const proxyUrl = proxy?.url
  return {
    state,
    world: state,
    requests,
    caPem,
    proxyUrl,
    close,
    environment: (directory, inherited = {}) => writeEnvironment(directory, { state, caPem, proxyUrl, inherited })
  }
}

/** Maps each host name of the cloud to the local port of its service. */
function portsByHostName({ cloud, endpoints }: State): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(cloud.hosts).flatMap(([service, names]) =>
      names.map(name => [name, Number(new URL(endpoints[service as HostedService]).port)] as const)
    )
  )
}

/**
 * Adds what depends on the addresses of the services: the cluster's issuer, the audiences, and the AKS resource of the
 * cluster.
 */
function addAddresses(state: State): void {
  const { cloud, cluster, endpoints, tenantId, subscriptionId } = state
  cluster.issuer = `${endpoints.issuer}/${tenantId}/${cluster.id}/`
  cloud.graphAudiences.push(endpoints.graph, `${endpoints.graph}/`)
  cloud.armAudiences.push(endpoints.arm, `${endpoints.arm}/`)
  const id = `/subscriptions/${subscriptionId}/resourceGroups/azwi-sandbox/providers/Microsoft.ContainerService/managedClusters/${cluster.name}`
  const managedCluster: ManagedCluster = {
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
  }
  state.managedClusters.set(id.toLowerCase(), managedCluster)
  const nodes = nodeResourceGroup(managedCluster)
  state.resourceGroups.set(nodes.toLowerCase(), { name: nodes, location: managedCluster.location, tags: {} })
}
