import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { PrefetchingCredential } from './auth/credential.js'
import { prepareLogin } from './auth/login.js'
import { createLimiter } from './net/limits.js'
import { createRetryBudget } from './net/retry-budget.js'
import { type AzureCliSubscription, readAzureCliProfile } from './config/azure-cli-profile.js'
import { azureCliCloud, builtInCloud, type Cloud, cloudOfEndpoint, isSameCloud } from './config/clouds.js'
import type { Settings } from './config/settings.js'
import { UsageError } from './errors.js'
import { parseManagedIdentityId } from './domain/azure-ids.js'
import type { Io } from './terminal/io.js'
import type { DoctorContext } from './doctor/evidence/context.js'
import type { Context, Service } from './engine/context.js'
import { once } from './async.js'

/** Enough for a single flow; more would only be throttled. */
const defaultConcurrency = 16
/** How long the cluster may take to say its issuer where that is only for advice. */
const adviceTimeout = 3000
/** How long a public document may take that Entra would have to fetch, too: whoever waits for it is waiting to hear what is wrong. */
const publishedTimeout = 6000

export interface App extends DoctorContext {
  /** The same clients and look-ups for other settings: another workload of the same run. */
  readonly contextFor: (settings: Settings) => Context
  /** Ends whatever is still under way: a look-up whose answer nobody waits for any more. */
  readonly close: () => void
  /** Checks, without a request, that there is a login for each of the services; throws a UsageError or a LoginError where there is none. */
  readonly prepare: (services: ReadonlySet<Service>) => Promise<void>
}

/** The composition root: every client and look-up, made when first asked for, from what the user said and the environment. */
export function createApp(io: Io, settings: Settings): App {
  const { host, log } = io
  const { environment } = host
  const ended = new AbortController()
  const retryBudget = createRetryBudget(host, log, settings.require('timeout') * 1000)

  const limiter = createLimiter(settings.get('concurrency') ?? defaultConcurrency)
  const transport = once(async (): Promise<HttpClient> => {
    const { createTransport } = await import('./net/transport.js')
    return createTransport({ host, log, retryBudget, limiter, ended: ended.signal })
  })
  const profile = once(() => readAzureCliProfile(environment))
  const login = once(() => prepareLogin(settings, environment, profile, log))

  const selectedSubscription = once(async (): Promise<AzureCliSubscription | undefined> => {
    const { selected } = await profile()
    if (selected !== undefined)
      log.info(`No subscription provided, using selected subscription from Azure CLI: ${selected.id}`)
    return selected
  })
  const subscription = async (): Promise<AzureCliSubscription | undefined> => {
    const id =
      settings.get('subscriptionId') ??
      parseManagedIdentityId(settings.get('managedIdentityResourceId') ?? '')?.subscriptionId
    if (id === undefined) return selectedSubscription()
    return (await profile()).subscriptions.find(each => each.id === id) ?? { id, name: id, tenantId: undefined }
  }
  const subscriptionId = async (): Promise<string> => {
    const found = await subscription()
    // `az login --allow-no-subscriptions` leaves an entry whose id is the tenant's.
    if (found !== undefined && found.id !== found.tenantId) return found.id
    throw new UsageError(
      'no subscription is given, and none is selected in the Azure CLI',
      'add --subscription-id <guid>, or set AZURE_SUBSCRIPTION_ID, or run az login'
    )
  }

  /** Graph needs no subscription, but a tenant to log in to: without one of its own, that of the subscription. */
  const subscriptionForTenant = async (): Promise<void> => {
    if ((await subscription()) !== undefined) return
    throw new UsageError(
      'no tenant is given, and no subscription to take it from',
      'add --tenant-id <guid>, or set AZURE_TENANT_ID, or run az login'
    )
  }

  const baseCloud = async (): Promise<Cloud> => {
    const { cloudName, cloudEndpoints } = await profile()
    const name = settings.get('azureEnv')
    const metadataUrl = settings.get('azureEnvMetadataUrl')
    if (metadataUrl !== undefined) {
      const { fetchCloud } = await import('./clients/arm/cloud-metadata.js')
      const described = await fetchCloud(metadataUrl, name ?? cloudName ?? 'AzurePublicCloud', await transport())
      if (name === undefined || isSameCloud(name, described.name)) return described
      throw new UsageError(
        `--azure-env is ${name}, but the metadata document ${metadataUrl} describes ${described.name}`,
        'leave out --azure-env, or unset ARM_CLOUD_METADATA_URL'
      )
    }
    // The webhook tells a pod its cloud by this variable.
    const authority = environment.AZURE_AUTHORITY_HOST ?? ''
    const named = name ?? (cloudName === undefined && URL.canParse(authority) ? cloudOfEndpoint(authority) : undefined)
    if (named !== undefined) return builtInCloud(named)
    return cloudName === undefined ? builtInCloud('AzurePublicCloud') : azureCliCloud(cloudName, cloudEndpoints)
  }
  const cloud = once(baseCloud)

  const discoveredTenantId = once(async (): Promise<string> => {
    const { tenantOfSubscription } = await import('./clients/arm/subscription-tenant.js')
    return tenantOfSubscription(await subscriptionId(), await cloud(), await transport())
  })
  let loggedIn = false
  const givenTenantId = async (): Promise<string | undefined> =>
    settings.get('tenantId') ?? (await subscription())?.tenantId

  const credential = once(async (): Promise<PrefetchingCredential> => {
    loggedIn = true
    const [{ createCredential }, chosen, where, out] = await Promise.all([
      import('./auth/credential.js'),
      login(),
      cloud(),
      transport()
    ])
    return createCredential(chosen, {
      tenantId: (await givenTenantId()) ?? (await discoveredTenantId()),
      cloud: where,
      transport: out,
      say: io.say
    })
  })
  /** A client that talks to Azure: its module, with its SDK, is loaded while Entra answers with the token that it will need. */
  const azureClient = <Module, Client>(
    load: () => Promise<Module>,
    audience: (cloud: Cloud) => string,
    make: (module: Module, cloud: Cloud, who: TokenCredential, out: HttpClient) => Promise<Client> | Client
  ) =>
    once(async (): Promise<Client> => {
      const [where, who, out] = await Promise.all([cloud(), credential(), transport()])
      who.prefetch(`${audience(where)}/.default`)
      return make(await load(), where, who, out)
    })
  const ofGraph = (where: Cloud): string => where.graph
  const ofResourceManager = (where: Cloud): string => where.resourceManagerAudience

  const kubernetesRequests = once(async () => {
    const [{ KubernetesRequests }, { loadKubeconfig }, out] = await Promise.all([
      import('./clients/kubernetes/requests.js'),
      import('./clients/kubernetes/kubeconfig.js'),
      transport()
    ])
    return new KubernetesRequests(
      await loadKubeconfig(environment, settings.get('kubeconfig'), settings.get('context')),
      out
    )
  })
  const kubernetes = once(async () => {
    const [{ KubernetesClient }, requests] = await Promise.all([
      import('./clients/kubernetes/client.js'),
      kubernetesRequests()
    ])
    return new KubernetesClient(requests)
  })
  const resourceManager = azureClient(
    () => import('./clients/arm/resource-manager.js'),
    ofResourceManager,
    ({ ResourceManagerClient }, ...rest) => new ResourceManagerClient(...rest)
  )

  const graph = azureClient(
    () => import('./clients/graph/client.js'),
    ofGraph,
    ({ GraphClient }, ...rest) => new GraphClient(...rest, retryBudget)
  )
  const managedIdentities = azureClient(
    () => import('./clients/arm/managed-identities.js'),
    ofResourceManager,
    ({ ManagedIdentityClient }, ...rest) => new ManagedIdentityClient(...rest, retryBudget)
  )
  const authorization = azureClient(
    () => import('./clients/arm/authorization.js'),
    ofResourceManager,
    async ({ AuthorizationClient }, ...rest) => new AuthorizationClient(await subscriptionId(), ...rest, retryBudget)
  )
  const publishedIssuer = once(async () => (await kubernetes()).issuer())
  const bestEffort = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    // Real time: nobody waits for this, it only must not hold anybody up.
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<undefined>(resolve => {
      timer = setTimeout(() => {
        resolve(undefined)
      }, adviceTimeout)
    })
    try {
      return await Promise.race([work(), tooLate])
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }
  const clusterIssuer = once(() => bestEffort(publishedIssuer))

  const contextFor = (own: Settings): Context => {
    const exchangeCloud = once(async (): Promise<Cloud> => {
      const found = await cloud()
      return { ...found, exchangeAudience: own.get('audience') ?? found.exchangeAudience }
    })
    return {
      settings: own,
      log,
      retryBudget,
      cloud: exchangeCloud,
      bestEffort,
      clusterIssuer,
      subscriptionId,
      kubernetes,
      resourceManager,
      graph,
      managedIdentities,
      authorization,
      issuer: once(async () => {
        const given = own.get('serviceAccountIssuerUrl')
        if (given !== undefined) return given
        if (!own.given('aksCluster')) return publishedIssuer()
        const { aksIssuer } = await import('./engine/issuer.js')
        return aksIssuer({ settings: own, resourceManager, subscriptionId, log })
      }),
      knownTenantId: async () => (await givenTenantId()) ?? (loggedIn ? await discoveredTenantId() : undefined),
      exchange: async (assertion, clientId, { tenantId, resource } = {}) => {
        const [{ exchangeToken }, where, out] = await Promise.all([
          import('./clients/entra/exchange.js'),
          cloud(),
          transport()
        ])
        const tenant = tenantId ?? (await givenTenantId()) ?? (await discoveredTenantId())
        return exchangeToken(
          assertion,
          { clientId, tenantId: tenant, resource: resource ?? where.resourceManagerAudience },
          where,
          out
        )
      }
    }
  }

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
      const shortBudget = createRetryBudget(host, { info: () => undefined }, publishedTimeout)
      return fetchPublicDocument(
        url,
        createTransport({ host, log, retryBudget: shortBudget, limiter, ended: ended.signal })
      )
    },
    close: () => {
      ended.abort()
    },
    prepare: async services => {
      if (services.has('graph') || services.has('arm')) await login()
      if (services.has('arm')) await subscriptionId()
      else if (services.has('graph') && (await givenTenantId()) === undefined) await subscriptionForTenant()
      if (services.has('kubernetes')) await kubernetes()
    }
  }
}
