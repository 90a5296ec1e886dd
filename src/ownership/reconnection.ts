import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Context } from '../context.js'
import { annotation, setLabel } from '../domain/annotations.js'
import { AzwiError, ExitCode } from '../errors.js'
import type { FieldConflict, FieldDecision } from './service-account-fields.js'

/** Names a service account in a message. */
export const titleOf = ({ metadata: { namespace = '', name = '' } = {} }: ServiceAccount): string =>
  `the service account ${namespace}/${name}`

const setBy = ({ owners }: FieldConflict): string =>
  `set by ${owners.length === 0 ? 'an unknown field manager' : owners.join(', ')}`

/**
 * Checks that create may connect an existing service account. With `--adopt`, warns of the values of others that it replaces. Otherwise throws an
 * AzwiError if somebody else connected the service account, or if it belongs to another set.
 */
export function checkReconnection(
  { settings, log, isDeclarative = false }: Context,
  account: ServiceAccount,
  { conflicts }: FieldDecision
): void {
  const title = titleOf(account)
  if (settings.given('adopt')) {
    for (const conflict of conflicts)
      log.warn(
        `azwi replaces the annotation ${conflict.field} of ${title}, ${setBy(conflict)}, which might write it again`
      )
    return
  }
  if (conflicts.length > 0) {
    throw new AzwiError('NotOurs', `${title} was connected by somebody else, so azwi does not change it`, {
      lines: conflicts.map(
        conflict => `its annotation ${conflict.field} is ${JSON.stringify(conflict.value)}, ${setBy(conflict)}`
      ),
      hint: 'name the identity that it is connected to, or change the value where it is set, such as in a chart or a manifest; or add --adopt to replace it in the cluster',
      exitCode: ExitCode.failed
    })
  }
  const set = account.metadata?.labels?.[setLabel] ?? ''
  const wantedSet = settings.get('labels')?.[setLabel]
  if (!isDeclarative || set === '' || set === wantedSet) return
  throw new AzwiError('OtherSet', `${title} belongs to the set ${JSON.stringify(set)}, so azwi does not change it`, {
    lines: [`its label ${setLabel} is ${JSON.stringify(set)}, and the file has ${describeSet(wantedSet)}`],
    hint: `remove it from one of the files, or give this file the line set: ${set}; or add --adopt to move it`,
    exitCode: ExitCode.failed
  })
}

const describeSet = (set: string | undefined): string =>
  set === undefined ? 'no set' : `the set ${JSON.stringify(set)}`

/** Reports whether a service account with this client ID is connected to another identity than before. */
export function replacesIdentity(account: ServiceAccount, clientId: string): boolean {
  const annotated = account.metadata?.annotations?.[annotation.clientId]?.trim() ?? ''
  return annotated !== '' && annotated.toLowerCase() !== clientId.toLowerCase()
}
