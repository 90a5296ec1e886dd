import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import { once, withinMilliseconds } from './async.js'
import { createAzureTarget } from './auth/azure-target.js'
import type { CachingCredential } from './auth/credential.js'
import { prepareLogin } from './auth/login.js'
import { readAzureCliProfile } from './config/azure-cli-profile.js'
import type { Cloud } from './config/clouds.js'
import type { Settings } from './config/settings.js'
import type { DoctorContext } from './doctor/evidence/context.js'
import type { Context, Service } from './context.js'
import { createLimiter } from './net/limiter.js'
import { createRetryBudget } from './net/retry-budget.js'
import { createRunningRequests } from './net/running-requests.js'
import { withTokenRenewal } from './net/token-renewal.js'
import type { Io } from './terminal/io.js'

/** The maximum number of concurrent requests. One flow does not need more, and Azure throttles more. */
const defaultConcurrency = 16
/** Milliseconds to wait for an optional answer. */
const bestEffortTimeout = 3000
/** Milliseconds to wait for a public document. Short, because a person waits for the doctor's report. */
const publicDocumentTimeout = 6000

/** The clients and settings of one command. */
export interface App extends DoctorContext {
  /** Returns the same clients with other settings, for another workload of the same run. */
  readonly contextFor: (settings: Settings) => Context
  /** Cancels the requests that are still running. Resolves when every one of them has ended. */
  readonly close: () => Promise<void>
  /** Checks, without a request, that azwi can log in to each of the services. Throws a UsageError or a LoginError. */
  readonly prepare: (services: ReadonlySet<Service>) => Promise<void>
}

/** Wires the clients together. Creates each client and each look-up once, on first use. */
export function createApp(io: Io, settings: Settings): App {
  const { host, log } = io
  const { environment } = host
  const runningRequests = createRunningRequests()
  const retryBudget = createRetryBudget(host, log, settings.require('timeout') * 1000, runningRequests.ended)
  const limiter = createLimiter(settings.get('concurrency') ?? defaultConcurrency)
  const transport = once(async (): Promise<HttpClient> => {
    const { createTransport } = await import('./net/transport.js')
    return createTransport({ host, log, retryBudget, limiter, runningRequests, servers: 'services' })
  })

  const profile = once(() => readAzureCliProfile(environment))
  const login = once(() => prepareLogin(settings, environment, profile, log))
  const target = createAzureTarget({ settings, environment, profile, transport, log })
  const { cloud, subscriptionId } = target
  let isLoggedIn = false
  const credential = once(async (): Promise<CachingCredential> => {
    isLoggedIn = true
    const [{ createCredential }, chosenLogin, loginCloud, http] = await Promise.all([
      import('./auth/credential.js'),
      login(),
      cloud(),
      transport()
    ])
    const tenantId = await target.tenantId()
    return createCredential(chosenLogin, {
      tenantId,
      cloud: loginCloud,
      transport: http,
      showDeviceCode: io.printMessage
    })
  })

  /** Creates an Azure client. The token is requested before the module with its SDK is loaded, so that both happen at the same time. */
  const azureClient = <Module, Client>(
    audience: (cloud: Cloud) => string,
    load: () => Promise<Module>,
    create: (
      module: Module,
      ...dependencies: [cloud: Cloud, credential: TokenCredential, transport: HttpClient]
    ) => Promise<Client> | Client
  ) =>
    once(async (): Promise<Client> => {
      const [loginCloud, login, http] = await Promise.all([cloud(), credential(), transport()])
      const scope = `${audience(loginCloud)}/.default`
      login.prefetch(scope)
      const renewing = withTokenRenewal(http, (refused, claims) => login.renew(scope, refused, claims))
      return create(await load(), loginCloud, login, renewing)
    })
  const graphAudience = ({ graph }: Cloud): string => graph
  const armAudience = ({ resourceManagerAudience }: Cloud): string => resourceManagerAudience
  const graph = azureClient(
    graphAudience,
    () => import('./clients/graph/client.js'),
    ({ GraphClient }, ...dependencies) => new GraphClient(...dependencies, retryBudget)
  )
  const resourceManager = azureClient(
    armAudience,
    () => import('./clients/arm/resource-manager.js'),
    ({ ResourceManagerClient }, ...dependencies) => new ResourceManagerClient(...dependencies)
  )
  const managedIdentities = azureClient(
    armAudience,
    () => import('./clients/arm/managed-identities.js'),
    ({ ManagedIdentityClient }, ...dependencies) => new ManagedIdentityClient(...dependencies, retryBudget)
  )
  const authorization = azureClient(
    armAudience,
    () => import('./clients/arm/authorization.js'),
    async ({ AuthorizationClient }, ...dependencies) =>
      new AuthorizationClient(await subscriptionId(), ...dependencies, retryBudget)
  )

  const kubernetesRequests = once(async () => {
    const [{ KubernetesRequests }, { loadKubeconfig }, http] = await Promise.all([
      import('./clients/kubernetes/requests.js'),
      import('./clients/kubernetes/kubeconfig.js'),
      transport()
    ])
    const kubeconfig = await loadKubeconfig(environment, settings.get('kubeconfig'), settings.get('context'))
    return new KubernetesRequests(kubeconfig, http)
  })
  const kubernetes = once(async () => {
    const [{ KubernetesClient }, requests] = await Promise.all([
      import('./clients/kubernetes/client.js'),
      kubernetesRequests()
    ])
    return new KubernetesClient(requests)
  })
  const publishedIssuer = once(async () => (await kubernetes()).issuer())
  const bestEffort = <T>(work: () => Promise<T>): Promise<T | undefined> =>
    withinMilliseconds(bestEffortTimeout, work, host.sleep)

  /** The issuers of AKS clusters. All workloads of a file can name the same cluster. */
  const aksIssuers = new Map<string, Promise<string>>()
  const issuerOfAks = async (settings: Settings): Promise<string> => {
    const { aksIssuer } = await import('./identities/subject.js')
    const key = JSON.stringify([settings.get('aksCluster'), settings.get('aksResourceGroup')]).toLowerCase()
    const found = aksIssuers.get(key) ?? aksIssuer({ settings, resourceManager, subscriptionId, log })
    aksIssuers.set(key, found)
    return found
  }

  const contextFor = (settings: Settings): Context => ({
    settings,
    log,
    retryBudget,
    cloud: once(async () => {
      const found = await cloud()
      return { ...found, exchangeAudience: settings.get('audience') ?? found.exchangeAudience }
    }),
    bestEffort,
    publishedIssuer,
    subscriptionId,
    kubernetes,
    resourceManager,
    graph,
    managedIdentities,
    authorization,
    issuer: once(async () => {
      const given = settings.get('serviceAccountIssuerUrl')
      if (given !== undefined) return given
      return settings.given('aksCluster') ? issuerOfAks(settings) : publishedIssuer()
    }),
    loginObjectId: once(async () => {
      const [login, { graph: audience }] = await Promise.all([credential(), cloud()])
      return objectIdOf((await login.getToken(`${audience}/.default`))?.token ?? '')
    }),
    knownTenantId: () => (isLoggedIn ? target.tenantId() : target.namedTenantId()),
    exchange: async (assertion, clientId, { tenantId, resource } = {}) => {
      const [{ exchangeToken }, loginCloud, http] = await Promise.all([
        import('./clients/entra/exchange.js'),
        cloud(),
        transport()
      ])
      const pod = {
        clientId,
        tenantId: tenantId ?? (await target.tenantId()),
        resource: resource ?? loginCloud.resourceManagerAudience
      }
      return exchangeToken(assertion, pod, loginCloud, http)
    }
  })

  return {
    ...contextFor(settings),
    contextFor,
    clusterReader: once(async () => {
      const [{ ClusterReader }, requests] = await Promise.all([
        import('./clients/kubernetes/cluster-reader.js'),
        kubernetesRequests()
      ])
      return new ClusterReader(requests)
    }),
    fetchPublicDocument: async url => {
      const [{ createTransport }, { fetchPublicDocument }] = await Promise.all([
        import('./net/transport.js'),
        import('./net/public-document.js')
      ])
      const shortBudget = createRetryBudget(
        host,
        { info: () => undefined },
        publicDocumentTimeout,
        runningRequests.ended
      )
      const http = createTransport({
        host,
        log,
        retryBudget: shortBudget,
        limiter,
        runningRequests,
        servers: 'public'
      })
      return fetchPublicDocument(url, http)
    },
    close: runningRequests.end,
    prepare: async services => {
      if (services.has('graph') || services.has('arm')) {
        await target.checkCloud()
        await login()
      }
      if (services.has('arm')) await subscriptionId()
      else if (services.has('graph')) await target.requireTenant()
      if (services.has('kubernetes')) await kubernetes()
    }
  }
}

/** Returns the object ID of the principal that an access token is for. Undefined if the token is not a JWT, as Microsoft may change it at any time. */
function objectIdOf(token: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      oid?: unknown
    } | null
    return typeof claims?.oid === 'string' ? claims.oid.toLowerCase() : undefined
  } catch {
    return undefined
  }
}
