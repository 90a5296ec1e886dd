import type { HttpClient } from '@azure/core-rest-pipeline'
import { once } from '../async.js'
import { type AzureCliProfile, type AzureCliSubscription, firstGiven } from '../config/azure-cli-profile.js'
import { type Cloud, cloudOfAuthority, isSameCloud } from '../config/clouds.js'
import { refuseOtherCloud, selectedCloud } from '../config/selected-cloud.js'
import type { Settings } from '../config/settings.js'
import { parseManagedIdentityId } from '../domain/azure-ids.js'
import { UsageError } from '../errors.js'
import type { Log } from '../terminal/log.js'
import { authMethod } from './login.js'

/** The cloud, the subscription and the tenant that azwi uses. Looks up each once, when a caller first requests it. */
interface AzureTarget {
  /**
   * Throws a UsageError if the flags, the environment, the metadata document and the login of the Azure CLI name different clouds, and an
   * AzwiError if the document cannot be read.
   */
  readonly cloud: () => Promise<Cloud>
  /** Checks, without a request, that `cloud` will not throw. Cannot check a cloud with a metadata document. */
  readonly checkCloud: () => Promise<void>
  /** Throws a UsageError if no flag, variable or Azure CLI profile names a subscription. */
  readonly subscriptionId: () => Promise<string>
  /** Resolves to the tenant. Asks Azure for the tenant of the subscription if nothing names it. */
  readonly tenantId: () => Promise<string>
  /** Resolves to the tenant if it is known without a request. */
  readonly namedTenantId: () => Promise<string | undefined>
  /** Checks, without a request, that the tenant can be found. Throws a UsageError if it cannot. */
  readonly requireTenant: () => Promise<void>
}

/** The sources of the target. */
interface AzureTargetOptions {
  readonly settings: Settings
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly profile: () => Promise<AzureCliProfile>
  readonly transport: () => Promise<HttpClient>
  readonly log: Pick<Log, 'info'>
}

/** Reads the target from the flags, the environment and the Azure CLI profile, in this order. */
export function createAzureTarget({ settings, environment, profile, transport, log }: AzureTargetOptions): AzureTarget {
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
    return (await profile()).subscriptions.find(known => known.id === id) ?? { id, name: id, tenantId: undefined }
  }
  const subscriptionId = async (): Promise<string> => {
    const found = await subscription()
    // `az login --allow-no-subscriptions` leaves an entry whose ID is the tenant ID.
    if (found !== undefined && found.id !== found.tenantId) return found.id
    throw new UsageError(
      'no subscription is given, and none is selected in the Azure CLI',
      'add --subscription-id <guid>, or set AZURE_SUBSCRIPTION_ID, or run az login'
    )
  }

  const describedCloud = async (metadataUrl: string, name: string | undefined, fallback: string): Promise<Cloud> => {
    const { fetchCloud } = await import('../clients/arm/cloud-metadata.js')
    const described = await fetchCloud(metadataUrl, name ?? fallback, await transport())
    if (name === undefined || isSameCloud(name, described.name)) return described
    throw new UsageError(
      `--azure-env is ${name}, but the metadata document ${metadataUrl} describes ${described.name}`,
      'leave out --azure-env, or unset ARM_CLOUD_METADATA_URL'
    )
  }
  const cloud = once(async (): Promise<Cloud> => {
    const files = await profile()
    const flag = settings.get('azureEnv')
    const authority = firstGiven(environment.AZURE_AUTHORITY_HOST)
    const metadataUrl = settings.get('azureEnvMetadataUrl')
    const selection =
      metadataUrl === undefined
        ? selectedCloud({ flag, authority, profile: files })
        : {
            cloud: await describedCloud(
              metadataUrl,
              flag,
              (authority && cloudOfAuthority(authority)) ?? files.cloudName ?? 'AzurePublicCloud'
            ),
            origin: settings.origin('azureEnvMetadataUrl')
          }
    if (authMethod(settings) === 'cli') refuseOtherCloud(selection, files)
    return selection.cloud
  })

  const namedTenantId = async (): Promise<string | undefined> =>
    settings.get('tenantId') ?? (await subscription())?.tenantId
  const tenantOfSubscription = once(async (): Promise<string> => {
    const { tenantOfSubscription } = await import('../clients/arm/subscription-tenant.js')
    return tenantOfSubscription(await subscriptionId(), await cloud(), await transport())
  })
  return {
    cloud,
    checkCloud: async () => {
      if (settings.get('azureEnvMetadataUrl') === undefined) await cloud()
    },
    subscriptionId,
    namedTenantId,
    tenantId: async () => (await namedTenantId()) ?? (await tenantOfSubscription()),
    requireTenant: async () => {
      if ((await namedTenantId()) !== undefined || (await subscription()) !== undefined) return
      throw new UsageError(
        'no tenant is given, and no subscription to take it from',
        'add --tenant-id <guid>, or set AZURE_TENANT_ID, or run az login'
      )
    }
  }
}
