import type { Application, GraphClient, ServicePrincipal } from '../clients/graph/client.js'
import { AzwiError } from '../errors.js'
import { applicationUniqueName } from '../domain/names.js'
import {
  applicationIdentity,
  applicationName,
  applicationNotFound,
  applicationOptions,
  findApplication,
  findApplicationIdentity,
  givenApplicationId,
  identifyingServices
} from '../identities/application.js'
import { applicationTag } from '../ownership/application-mark.js'
import type { Context } from '../engine/context.js'
import { identityKind } from '../identities/choice.js'
import { type Change, definePhase, type DeletePlan, type Emit, reportOnly } from '../engine/phase.js'
import { settleAll } from '../async.js'
import { credentialsOfOthers, sharingServices, usedByOthers } from '../ownership/sharing.js'

/** The Entra application and its service principal: adopted where they are, made where they are not. */
export const application = definePhase<never, 'identity'>({
  name: 'aad-application',
  alias: 'app',
  summary: 'the Entra (AAD) application and its service principal',
  needs: [],
  provides: 'identity',
  applies: settings => identityKind(settings) === 'application',
  options: { create: applicationOptions, delete: [...applicationOptions, 'purge'] },
  uses: (settings, verb) => [
    'graph',
    ...identifyingServices(settings),
    ...(verb === 'delete' ? sharingServices(settings) : [])
  ],
  validate: settings => {
    if (!givenApplicationId(settings) && !settings.given('aadApplicationName')) settings.require('serviceAccountName')
    return undefined
  },
  provide: context => ({
    refer: () => applicationIdentity(context),
    find: () => findApplicationIdentity(context)
  }),

  create: async context => {
    const [graph, existing, likely] = await Promise.all([
      context.graph(),
      findApplication(context),
      likelyPrincipals(context)
    ])
    if (existing === undefined && givenApplicationId(context.settings)) throw await applicationNotFound(context)
    const displayName = existing?.displayName ?? (await applicationName(context))
    const principal =
      existing &&
      (likely.find(({ clientId }) => clientId === existing.clientId) ??
        (await graph.servicePrincipalOf(existing.clientId)))
    if (principal === undefined)
      warnOfPrincipalName(context.settings.get('servicePrincipalName'), displayName, context.log.warn)
    return {
      changes: [
        existing === undefined
          ? { kind: 'application', action: 'create', fields: { name: displayName } }
          : applicationChange('keep', existing),
        principal === undefined
          ? { kind: 'service-principal', action: 'create', fields: { name: displayName } }
          : principalChange('keep', principal)
      ],
      ...(existing === undefined ? {} : { fact: applicationIdentity(context, existing, principal ?? 'to be made') }),
      apply: async emit => {
        const { application: made, created: isNew } =
          existing === undefined
            ? await makeApplication(graph, displayName, emit)
            : { application: existing, created: false }
        if (existing !== undefined) emit(applicationChange('keep', existing))
        if (principal !== undefined) {
          emit(principalChange('keep', principal))
          return applicationIdentity(context, made, principal)
        }
        const { servicePrincipal, created } = await graph.createServicePrincipal(made.clientId)
        emit(principalChange(created ? 'create' : 'keep', servicePrincipal))
        return applicationIdentity(context, made, servicePrincipal, isNew)
      }
    }
  },

  delete: async context => {
    const { settings } = context
    const [graph, found, identity] = await Promise.all([
      context.graph(),
      findApplication(context),
      findApplicationIdentity(context)
    ])
    if (found === undefined || identity === undefined) {
      const absent: Change = { kind: 'application', action: 'absent', fields: await identifyingFields(context) }
      return settings.given('purge') ? await purgeLeftOver(context, graph, absent) : reportOnly(absent)
    }
    const insisted = settings.given('aadApplicationObjectId')
    if (!insisted && !(await identity.isOurs())) throw notOurs(found)
    const others = insisted && !settings.given('serviceAccountName') ? [] : await credentialsOfOthers(context, identity)
    if (others.length > 0) return reportOnly({ ...applicationChange('strip', found), reason: usedByOthers(others) })
    const gone = applicationChange('delete', found)
    return {
      changes: [gone, ...(settings.given('purge') ? [{ ...gone, action: 'purge' as const }] : [])],
      apply: async emit => {
        emit((await graph.deleteApplication(found.objectId)) ? gone : { ...gone, action: 'absent' })
        if (!settings.given('purge')) return
        await graph.purgeApplication(found.objectId)
        emit({ ...gone, action: 'purge' })
      }
    }
  }
})

/**
 * Looked up beside the application, before its client id is known: its principal bears the same name, unless somebody has renamed one of
 * them. A link the less in the chain of requests.
 */
async function likelyPrincipals(context: Context): Promise<readonly ServicePrincipal[]> {
  return givenApplicationId(context.settings)
    ? []
    : (await context.graph()).servicePrincipalsNamed(await applicationName(context))
}

/** What an earlier delete has left among the deleted: only what bears the unique name that azwi gave it. */
async function purgeLeftOver(context: Context, graph: GraphClient, absent: Change): Promise<DeletePlan> {
  if (givenApplicationId(context.settings)) return reportOnly(absent)
  const name = await applicationName(context)
  const deleted = await graph.deletedApplicationsNamed(name)
  const ours: string[] = []
  for (
    let next = deleted.get(applicationUniqueName(name));
    next !== undefined;
    next = deleted.get(applicationUniqueName(name, next))
  )
    ours.push(next)
  if (ours.length === 0) return reportOnly(absent)
  const changes = ours.map((objectID): Change => ({ kind: 'application', action: 'purge', fields: { name, objectID } }))
  return {
    changes,
    apply: async emit => {
      await settleAll(
        ours.map(async (objectId, index) => {
          await graph.purgeApplication(objectId)
          if (changes[index] !== undefined) emit(changes[index])
        })
      )
    }
  }
}

/**
 * Of two runs at once, one makes the application and both get it, since the key that decides is ours. A deleted application holds its
 * key for 30 days; then the next key is derived from that application, so that two runs still agree.
 */
async function makeApplication(
  graph: GraphClient,
  displayName: string,
  emit: Emit
): Promise<{ application: Application; created: boolean }> {
  let uniqueName = applicationUniqueName(displayName)
  for (;;) {
    const made = await graph.upsertApplication({ displayName, uniqueName, tags: [applicationTag] })
    if (made !== undefined) {
      emit(applicationChange(made.created ? 'create' : 'keep', made.application))
      return made
    }
    const holder = (await graph.deletedApplicationsNamed(displayName)).get(uniqueName)
    if (holder === undefined) {
      throw new AzwiError(
        'UniqueNameTaken',
        `the unique name ${uniqueName} for the application "${displayName}" belongs to another application`,
        {
          hint: 'see it with: az rest --url "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.application"'
        }
      )
    }
    uniqueName = applicationUniqueName(displayName, holder)
  }
}

function warnOfPrincipalName(wanted: string | undefined, displayName: string, warn: (message: string) => void): void {
  if (wanted === undefined || wanted === displayName) return
  warn(
    `--service-principal-name "${wanted}" does not name the new service principal: it bears its application's name, "${displayName}"`
  )
}

function notOurs({ displayName, clientId, objectId }: Application): AzwiError {
  return new AzwiError(
    'NotOurs',
    `the application "${displayName}" (client id ${clientId}) was not made by azwi, so it is not deleted`,
    {
      hint: `to delete it all the same, add --aad-application-object-id ${objectId}; to keep it and delete the rest, add --skip-phases aad-application`
    }
  )
}

async function identifyingFields(context: Context): Promise<Record<string, string | undefined>> {
  const { settings } = context
  if (givenApplicationId(settings))
    return { objectID: settings.get('aadApplicationObjectId'), clientID: settings.get('aadApplicationClientId') }
  return { name: await applicationName(context) }
}

function applicationChange(action: Change['action'], { clientId, displayName, objectId }: Application): Change {
  return { kind: 'application', action, fields: { clientID: clientId, name: displayName, objectID: objectId } }
}

function principalChange(action: Change['action'], { clientId, displayName, objectId }: ServicePrincipal): Change {
  return { kind: 'service-principal', action, fields: { clientID: clientId, name: displayName, objectID: objectId } }
}
