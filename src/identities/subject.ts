import { AzwiError, shellQuoted } from '../errors.js'
import { type AksClusterReference, parseAksClusterId } from '../domain/azure-ids.js'
import type { Context, Service } from '../context.js'
import type { OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'

/** Returns the AKS cluster that the flags name: by its resource ID, or by name and resource group in the subscription of the login. */
export async function aksClusterReference({
  settings,
  subscriptionId
}: Pick<Context, 'settings' | 'subscriptionId'>): Promise<AksClusterReference> {
  const name = settings.require('aksCluster')
  return (
    parseAksClusterId(name) ?? {
      subscriptionId: await subscriptionId(),
      resourceGroup: settings.require('aksResourceGroup'),
      name
    }
  )
}

/** Reads the issuer of an AKS cluster from Azure. Throws an AzwiError, with the command that fixes it, if the issuer is off. */
export async function aksIssuer({
  settings,
  resourceManager,
  subscriptionId,
  log
}: Pick<Context, 'settings' | 'resourceManager' | 'subscriptionId' | 'log'>): Promise<string> {
  const [client, reference] = await Promise.all([resourceManager(), aksClusterReference({ settings, subscriptionId })])
  const { subscriptionId: subscription, resourceGroup: group, name } = reference
  const cluster = await client.aksCluster(subscription, group, name)
  if (cluster === undefined) {
    throw new AzwiError(
      'AksClusterNotFound',
      `there is no AKS cluster "${name}" in the resource group "${group}" of subscription ${subscription}`,
      {
        hint: 'list them: az aks list --query "[].{name:name, group:resourceGroup}"'
      }
    )
  }
  const update = `az aks update --name ${shellQuoted(name)} --resource-group ${shellQuoted(group)}`
  if (cluster.issuer === undefined) {
    throw new AzwiError('OidcIssuerOff', `the OIDC issuer of the AKS cluster "${name}" is off`, {
      hint: `${update} --enable-oidc-issuer --enable-workload-identity`
    })
  }
  if (!cluster.workloadIdentity) {
    log.warn(
      `workload identity is off on the AKS cluster "${name}": no pod gets a token until: ${update} --enable-workload-identity`
    )
  }
  return cluster.issuer
}

/** The flags that say whose tokens the identity trusts: the service account, and the issuer of its cluster. */
export const subjectOptions = [
  'serviceAccountName',
  'serviceAccountNamespace',
  'serviceAccountIssuerUrl',
  'aksCluster',
  'aksResourceGroup'
] as const satisfies readonly OptionName[]

/** Returns the services that know the issuer, if the flags do not name it. */
export function issuerServices(settings: Settings): readonly Service[] {
  if (settings.given('serviceAccountIssuerUrl')) return []
  return settings.given('aksCluster') ? ['arm'] : ['kubernetes']
}
