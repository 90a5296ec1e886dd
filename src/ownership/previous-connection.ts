import type { ServiceAccount } from '../clients/kubernetes/client.js'
import { flagOf, type OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { annotation } from '../domain/annotations.js'
import { sameTrust } from '../domain/credential.js'
import { isDerivedCredentialName } from '../domain/names.js'
import { serviceAccountSubject } from '../domain/subject.js'
import { AzwiError, InterruptedError, shellQuoted } from '../errors.js'
import type { Identity } from '../identities/identity.js'
import { annotatedIdentity } from './connection.js'
import { titleOf } from './reconnection.js'

/**
 * Warns of what is left of the earlier connection of a service account, with the line that deletes it. Must be called after the service account is
 * connected to the new identity: until then, the line would delete the connection in use.
 */
export async function warnOfLeftovers(context: Context, account: ServiceAccount): Promise<void> {
  const { log } = context
  const clientId = account.metadata?.annotations?.[annotation.clientId]?.trim() ?? ''
  const before = `${titleOf(account)} was connected to`
  try {
    const identity = await annotatedIdentity(context)
    if (identity === undefined) return
    const leftovers = await describeLeftovers(context, identity)
    if (leftovers === undefined) return
    const name = `the ${identity.kind === 'application' ? 'application' : 'managed identity'} "${await identity.name()}"`
    const { objectID = '', managedIdentityID } = await identity.credentials.owner()
    const line =
      managedIdentityID === undefined
        ? deleteLine(context.settings, 'aadApplicationObjectId', objectID)
        : deleteLine(context.settings, 'managedIdentityResourceId', managedIdentityID)
    log.warn(`${before} ${name} before, and ${leftovers.text}${leftovers.canDelete ? `; to delete that: ${line}` : ''}`)
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    const line = deleteLine(context.settings, 'aadApplicationClientId', clientId)
    const reason = error.lines.length > 0 ? error.lines.join('; ') : error.message
    log.warn(
      `${before} the client ID ${clientId} before, and it is not known what stays of that (${reason}); if it is an application, to delete that: ${line}`
    )
  }
}

/** Returns what a connection left on its earlier identity, and whether delete would delete it. Undefined if nothing is left. */
async function describeLeftovers(
  { settings, issuer }: Context,
  { kind, credentials, isMarked }: Identity
): Promise<{ readonly text: string; readonly canDelete: boolean } | undefined> {
  const namespace = settings.require('serviceAccountNamespace')
  const name = settings.require('serviceAccountName')
  const [issuerUrl, listed, isOurs] = await Promise.all([issuer(), credentials.list(), isMarked()])
  const own = listed.find(sameTrust({ issuer: issuerUrl, subject: serviceAccountSubject(namespace, name) }))
  if (own === undefined)
    return isOurs && listed.length === 0
      ? { text: `that ${kind === 'application' ? 'application' : 'managed identity'} stays`, canDelete: true }
      : undefined
  if (isDerivedCredentialName(own.name, namespace, name, issuerUrl))
    return { text: 'its credential and its roles stay', canDelete: true }
  return { text: `its credential ${own.name} stays, because azwi did not create it`, canDelete: false }
}

/** The flags that say where azwi works. A line needs them again. */
const placeOptions = [
  'serviceAccountIssuerUrl',
  'aksCluster',
  'aksResourceGroup',
  'kubeconfig',
  'context',
  'azureEnv',
  'azureEnvMetadataUrl',
  'subscriptionId',
  'tenantId'
] as const satisfies readonly OptionName[]

/** Returns the line that deletes the connection of the service account to this identity, with the flags of this run that say where. */
function deleteLine(settings: Settings, idOption: OptionName, id: string): string {
  const flags = [
    ...(['serviceAccountName', 'serviceAccountNamespace'] as const).map(
      name => [name, settings.require(name)] as const
    ),
    [idOption, id] as const,
    ...placeOptions.flatMap(name => {
      const value = settings.get(name)
      const isFlag = settings.given(name) && settings.origin(name) === flagOf(name)
      return isFlag && value !== undefined ? [[name, value] as const] : []
    })
  ]
  return [
    'azwi serviceaccount delete',
    ...flags.map(([name, value]) => `${flagOf(name)} ${shellQuoted(value)}`),
    ...(settings.given('allowOtherIssuer') ? [flagOf('allowOtherIssuer')] : [])
  ].join(' ')
}
