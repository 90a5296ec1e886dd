import { flagOf, type OptionName, optionsOfIdentity } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import { parseAksClusterId } from '../domain/azure-ids.js'
import { UsageError } from '../errors.js'
import type { Identity } from './identity.js'

const managedIdentityFlags = optionsOfIdentity('managed-identity')
const applicationFlags = optionsOfIdentity('application')

/** Returns the kind of identity that the flags name. Without such a flag, it is an application. */
export function identityKind(settings: Settings): Identity['kind'] {
  return settings.given('managedIdentityName') || settings.given('managedIdentityResourceId')
    ? 'managed-identity'
    : 'application'
}

/** Reports whether the flags name an identity. */
export function namesIdentity(settings: Settings): boolean {
  const names = ['aadApplicationName', 'aadApplicationClientId', 'aadApplicationObjectId'] as const
  return identityKind(settings) === 'managed-identity' || names.some(name => settings.given(name))
}

/** Reports whether the flags name an issuer. Without such a flag, azwi uses the one that the cluster publishes. */
export function namesIssuer(settings: Settings): boolean {
  return settings.given('serviceAccountIssuerUrl') || settings.given('aksCluster')
}

/** Throws a UsageError for flags that contradict each other or need another flag. */
export function refuseContradictions(settings: Settings): void {
  const given = (names: readonly OptionName[]) => names.find(name => settings.given(name))
  const [managed, application] = [given(managedIdentityFlags), given(applicationFlags)]
  if (managed !== undefined && application !== undefined) {
    throw new UsageError(
      `${flagOf(managed)} and ${flagOf(application)} name two kinds of identity`,
      'give the flags of one: an application, or a managed identity'
    )
  }
  if (managed !== undefined) checkManagedIdentity(settings)
  checkCluster(settings)
  if (settings.given('wait')) settings.require('serviceAccountName')
}

function checkManagedIdentity(settings: Settings): void {
  if (settings.given('managedIdentityResourceId')) {
    const other = managedIdentityFlags.find(name => name !== 'managedIdentityResourceId' && settings.given(name))
    if (other === undefined) return
    throw new UsageError(
      `${flagOf(other)} has no meaning beside --managed-identity-resource-id, which says it all`,
      `leave out ${flagOf(other)}`
    )
  }
  settings.require('managedIdentityName')
  settings.require('managedIdentityResourceGroup')
}

function checkCluster(settings: Settings): void {
  if (!settings.given('aksCluster') && !settings.given('aksResourceGroup')) return
  const isResourceId = parseAksClusterId(settings.require('aksCluster')) !== undefined
  if (!isResourceId) settings.require('aksResourceGroup')
  else if (settings.given('aksResourceGroup'))
    throw new UsageError(
      '--aks-resource-group has no meaning beside the resource id of the AKS cluster, which says it all',
      'leave out --aks-resource-group'
    )
  if (settings.given('serviceAccountIssuerUrl')) {
    throw new UsageError(
      '--service-account-issuer-url and --aks-cluster both say what the issuer is',
      'leave out one of them'
    )
  }
}
