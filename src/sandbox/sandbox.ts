import { armService } from './arm/service.js'
import { createCertificates } from './certificates.js'
import { entraService } from './entra/service.js'
import { writeEnvironment } from './environment.js'
import { graphService } from './graph/service.js'
import type { Service } from './http.js'
import { issuerService } from './issuer/service.js'
import { kubernetesService } from './kubernetes/service.js'
import { listen, type Intercept, type LoggedRequest } from './listener.js'
import { createWorld, type World, type WorldOptions } from './world.js'

export type { Intercept, LoggedRequest } from './listener.js'

export interface SandboxOptions extends WorldOptions {
  /** Fixed ports on 127.0.0.1; a service without one takes any that is free. */
  readonly ports?: Partial<Record<Service['name'], number>>
  /** Stands between every request and its service. */
  readonly intercept?: Intercept
}

/** A running cloud. Whoever started it must close it. */
export interface Sandbox {
  readonly world: World
  /** Every request that came in, oldest first. */
  readonly requests: LoggedRequest[]
  /** The authority that signed the listeners' certificate. */
  readonly caPem: string
  /** Writes CA and kubeconfig into a directory, made if need be, and answers with the environment for a child process. */
  environment: (directory: string) => Promise<Record<string, string>>
  close: () => Promise<void>
}

/** Starts every service on a port of its own. If one cannot listen, none does, and the promise rejects. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? (() => new Date())
  const [world, certificates] = await Promise.all([createWorld(options), createCertificates(now())])
  const { caPem, serverCertificatePem: certificate, serverKeyPem: key } = certificates
  const requests: LoggedRequest[] = []
  const services = [entraService(world, caPem), graphService(world), armService(world), kubernetesService(world), issuerService(world)]
  const started = await Promise.allSettled(services.map(async service => {
    const port = options.ports?.[service.name] ?? 0
    const intercept = options.intercept ?? ((_request, _service, next) => next())
    const listener = await listen(service, { certificate, key, port, requests, intercept, now: world.now, uuid: world.uuid })
    world.endpoints[service.name] = listener.url
    return listener
  }))
  const listeners = started.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map(listener => listener.close()))
  }
  const failure = started.find(outcome => outcome.status === 'rejected')
  if (failure !== undefined) {
    await close()
    throw failure.reason
  }
  connect(world)
  return { world, requests, caPem, environment: directory => writeEnvironment(world, caPem, directory), close }
}

/** What can be said only when the addresses are known: the issuer, the audiences, the cluster's resource in ARM. */
function connect(world: World): void {
  const { cloud, cluster, endpoints, tenantId, subscriptionId } = world
  cluster.issuer = `${endpoints.issuer}/${tenantId}/${cluster.id}/`
  cloud.graphAudiences.push(endpoints.graph, `${endpoints.graph}/`)
  cloud.armAudiences.push(endpoints.arm, `${endpoints.arm}/`)
  const id = `/subscriptions/${subscriptionId}/resourceGroups/azwi-sandbox/providers/Microsoft.ContainerService/managedClusters/${cluster.name}`
  world.managedClusters.set(id.toLowerCase(), {
    id,
    name: cluster.name,
    resourceGroup: 'azwi-sandbox',
    location: 'westeurope',
    tags: {},
    kubernetesVersion: '1.32',
    oidcIssuerEnabled: true,
    issuerUrl: cluster.issuer,
    workloadIdentityEnabled: true,
    otherProperties: {}
  })
}
