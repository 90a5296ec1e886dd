import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Context } from '../context.js'
import { annotation, managedIdentityAnnotation, setLabel } from '../domain/annotations.js'
import { AzwiError, ExitCode, shellQuoted } from '../errors.js'
import { annotatedIdentity } from './connection.js'
import { otherOwnersOf } from './service-account.js'

/**
 * Checks that create may connect an existing service account to the identity. Warns if it was connected to another one, with the line that deletes
 * what stays behind. Throws an AzwiError if somebody else connected it, or if it belongs to another set, unless `--adopt` is given.
 *
 * @param wanted undefined if the identity is new, so that no annotation can have its client ID
 */
export async function checkReconnection(
  context: Context,
  existing: ServiceAccount,
  wanted: Readonly<Record<string, string | undefined>> | undefined
): Promise<void> {
  const { settings, log } = context
  const { namespace = '', name = '' } = existing.metadata ?? {}
  const title = `the service account ${namespace}/${name}`
  const current = existing.metadata?.annotations ?? {}
  const wantedTenantId = wanted?.[annotation.tenantId] ?? (await context.knownTenantId())
  const differs = (key: string, wantedValue: string | undefined): boolean => {
    const value = current[key]?.trim() ?? ''
    return value !== '' && value.toLowerCase() !== wantedValue?.toLowerCase()
  }
  const replaced = [
    ...(differs(annotation.clientId, wanted?.[annotation.clientId]) ? [annotation.clientId] : []),
    ...(wantedTenantId !== undefined && differs(annotation.tenantId, wantedTenantId) ? [annotation.tenantId] : [])
  ]
  const owners = replaced.flatMap(field =>
    otherOwnersOf(existing, field).map(owner => `${field} is ${JSON.stringify(current[field])}, set by ${owner}`)
  )
  const set = existing.metadata?.labels?.[setLabel] ?? ''
  const wantedSet = settings.get('labels')?.[setLabel] ?? set
  const isOtherSet = set !== '' && set !== wantedSet
  if (!settings.given('adopt')) {
    if (owners.length > 0) {
      throw new AzwiError('NotOurs', `${title} is connected by somebody else, so nothing was written`, {
        lines: owners,
        hint: 'change it where it comes from (a chart or a manifest), or add --adopt to replace the value in the cluster',
        exitCode: ExitCode.failed
      })
    }
    if (isOtherSet) {
      throw new AzwiError('OtherSet', `${title} belongs to the set "${set}", so nothing was written`, {
        hint: 'remove it from one of the files, or add --adopt to move it to this set',
        exitCode: ExitCode.failed
      })
    }
  }
  if (replaced[0] !== annotation.clientId) return
  const deleteLine = await lineThatDeletesPrevious(context, existing)
  log.warn(`${title} was connected to another identity, which stays as it is`, {
    clientID: current[annotation.clientId],
    ...(deleteLine === undefined ? {} : { delete: deleteLine })
  })
}

/** Returns undefined if it cannot be known where the previous identity is, or if it is gone. */
async function lineThatDeletesPrevious(context: Context, { metadata }: ServiceAccount): Promise<string | undefined> {
  const hint = metadata?.annotations?.[managedIdentityAnnotation]
  const clientId = metadata?.annotations?.[annotation.clientId]?.trim() ?? ''
  const previous = hint === undefined ? await annotatedIdentity(context).catch(() => undefined) : undefined
  const resourceId = hint ?? (await previous?.resourceId?.())
  if (resourceId === undefined && previous === undefined) return undefined
  const flag =
    resourceId === undefined
      ? `--aad-application-client-id ${shellQuoted(clientId)}`
      : `--managed-identity-resource-id ${shellQuoted(resourceId)}`
  const { namespace = '', name = '' } = metadata ?? {}
  return `azwi serviceaccount delete --service-account-name ${name} --service-account-namespace ${namespace} ${flag}`
}
