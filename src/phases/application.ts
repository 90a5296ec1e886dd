import type { Application, GraphClient, ServicePrincipal } from '../clients/graph/client.js'
import { AzwiError } from '../errors.js'
import { applicationUniqueName } from '../domain/names.js'
import {
  applicationIdentity,
  applicationName,
  applicationNotFound,
  applicationOptions,
  findApplication,
  givenApplicationId,
  identifyingServices
} from '../identities/application.js'
import { applicationTag } from '../domain/marks.js'
import type { Context } from '../context.js'
import {
  type Action,
  type Change,
  type DeletePlan,
  type Emit,
  type IdentityPhase,
  type ObjectKind,
  reportOnly
} from '../engine/phase.js'
import { allInOrder, settleAll } from '../async.js'
import { checkAdoption } from '../ownership/adoption.js'
import { decideDeletion, deletionServices } from '../ownership/for-delete.js'

const applicationKind: ObjectKind = {
  noun: 'AAD application',
  resultField: 'identity',
  identity: 'application',
  messages: { create: 'created an AAD application' },
  reference: ({ clientID, name }) => `application/${clientID ?? name ?? ''}`
}

const servicePrincipalKind: ObjectKind = {
  noun: 'service principal',
  resultField: 'servicePrincipal',
  reference: ({ objectID, name }) => `serviceprincipal/${objectID ?? name ?? ''}`
}

/** Finds the Entra application and its service principal, and creates what does not exist. */
export const application: IdentityPhase = {
  name: 'aad-application',
  alias: 'app',
  summary: 'the Entra (AAD) application and its service principal',
  provides: 'application',
  objects: [applicationKind, servicePrincipalKind],
  options: { create: applicationOptions, delete: [...applicationOptions, 'purge'] },
  services: (settings, verb) => [
    'graph',
    ...identifyingServices(settings),
    ...(verb === 'delete' ? deletionServices(settings) : [])
  ],
  validate: settings => {
    if (!givenApplicationId(settings) && !settings.given('aadApplicationName')) settings.require('serviceAccountName')
    return undefined
  },
  refer: context => applicationIdentity(context),

  create: async context => {
    const [graph, existing, likely] = await allInOrder([
      context.graph(),
      findApplication(context),
      likelyPrincipals(context)
    ])
    if (existing === undefined && givenApplicationId(context.settings)) throw await applicationNotFound(context)
    const displayName = existing?.displayName ?? (await applicationName(context))
    const principal =
      existing &&
      (likely.find(({ clientId }) => clientId === existing.clientId) ??
        (await graph.servicePrincipals.byClientId(existing.clientId)))
    if (principal === undefined)
      warnOfPrincipalName(context.settings.get('servicePrincipalName'), displayName, context.log.warn)
    const identity = existing && applicationIdentity(context, existing, principal ?? 'to be created')
    // A service principal is created only for an application that create may use.
    if (principal === undefined) await checkAdoption(context, identity)
    return {
      changes: [
        existing === undefined
          ? { kind: applicationKind, action: 'create', fields: { name: displayName } }
          : applicationChange('keep', existing),
        principal === undefined
          ? { kind: servicePrincipalKind, action: 'create', fields: { name: displayName } }
          : principalChange('keep', principal)
      ],
      ...(identity === undefined ? {} : { identity }),
      apply: async emit => {
        const { application: made, created: isNew } =
          existing === undefined
            ? await createApplication(graph, displayName, emit)
            : { application: existing, created: false }
        if (existing !== undefined) emit(applicationChange('keep', existing))
        if (principal !== undefined) {
          emit(principalChange('keep', principal))
          return applicationIdentity(context, made, principal)
        }
        // Another run, or somebody else, has created the application since the look-up.
        if (existing === undefined && !isNew) await checkAdoption(context, applicationIdentity(context, made))
        const { servicePrincipal, created } = await graph.servicePrincipals.create(made.clientId)
        emit(principalChange(created ? 'create' : 'keep', servicePrincipal))
        return applicationIdentity(context, made, servicePrincipal, isNew)
      }
    }
  },

  delete: async context => {
    const { settings } = context
    const [graph, decision] = await Promise.all([context.graph(), decideDeletion(context)])
    const { identity, clientId, deletesIdentity, identityStays, additions } = decision
    if (identity === undefined) {
      const fields = clientId === undefined ? await identifyingFields(context) : { clientID: clientId }
      const absent: Change = { kind: applicationKind, action: 'absent', fields }
      return settings.given('purge') ? purgeLeftOver(context, graph, absent) : reportOnly(absent)
    }
    if (identity.kind !== 'application') return reportOnly()
    const [clientID, name, { objectID = '' }] = await Promise.all([
      identity.clientId(),
      identity.name(),
      identity.credentials.owner()
    ])
    const change = (action: Action): Change => ({ kind: applicationKind, action, fields: { clientID, name, objectID } })
    if (!deletesIdentity) return reportOnly({ ...change('retain'), reason: identityStays })
    return {
      changes: [{ ...change('delete'), additions }, ...(settings.given('purge') ? [change('purge')] : [])],
      apply: async emit => {
        emit(change((await graph.applications.delete(objectID)) ? 'delete' : 'absent'))
        if (!settings.given('purge')) return
        await graph.applications.purge(objectID)
        emit(change('purge'))
      }
    }
  }
}

/**
 * Looks up service principals with the name of the application. They are requested together with the application, before its client ID is
 * known, which saves one round trip. The names differ only if somebody has renamed one of the two.
 */
async function likelyPrincipals(context: Context): Promise<readonly ServicePrincipal[]> {
  return givenApplicationId(context.settings)
    ? []
    : (await context.graph()).servicePrincipals.named(await applicationName(context))
}

/** Reports whether other service accounts have the same derived name: the name is the same for `a`/`b-c` and `a-b`/`c`. */
function isNameAmbiguous({ settings }: Context): boolean {
  if (settings.given('aadApplicationName')) return false
  return `${settings.require('serviceAccountNamespace')}${settings.require('serviceAccountName')}`.includes('-')
}

/** Plans to purge the applications that an earlier delete left in the recycle bin: only those with the mark and a unique name that azwi derived. */
async function purgeLeftOver(context: Context, graph: GraphClient, absent: Change): Promise<DeletePlan> {
  if (givenApplicationId(context.settings)) return reportOnly(absent)
  const name = await applicationName(context)
  if (isNameAmbiguous(context)) {
    context.log.warn(
      `deleted applications named "${name}" are not purged, because other service accounts can have the same name`,
      {
        list: 'az rest --url "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.application"'
      }
    )
    return reportOnly(absent)
  }
  const deleted = await graph.applications.deletedNamed(name)
  const ours: string[] = []
  for (let found = deleted.get(applicationUniqueName(name)); found !== undefined;) {
    const { objectId, tags } = found
    if (tags.includes(applicationTag)) ours.push(objectId)
    found = deleted.get(applicationUniqueName(name, objectId))
  }
  if (ours.length === 0) return reportOnly(absent)
  const changes = ours.map((objectID): Change => ({
    kind: applicationKind,
    action: 'purge',
    fields: { name, objectID }
  }))
  return {
    changes,
    apply: async emit => {
      await settleAll(
        ours.map(async (objectId, index) => {
          await graph.applications.purge(objectId)
          if (changes[index] !== undefined) emit(changes[index])
        })
      )
    }
  }
}

/**
 * Creates the application by an upsert on a derived unique name: of two runs at the same time, one creates it and both get it. A deleted
 * application keeps its unique name for 30 days (microsoftgraph/msgraph-bicep-types, issue 137). The next name is then derived from the
 * deleted application, so that two runs still agree.
 */
async function createApplication(
  graph: GraphClient,
  displayName: string,
  emit: Emit
): Promise<{ application: Application; created: boolean }> {
  const first = applicationUniqueName(displayName)
  let uniqueName = first
  for (;;) {
    // The upsert would change the properties of an application that exists under this unique name.
    const found = uniqueName === first ? undefined : await graph.applications.byUniqueName(uniqueName)
    if (found !== undefined) {
      emit(applicationChange('keep', found))
      return { application: found, created: false }
    }
    const made = await graph.applications.upsert({ displayName, uniqueName, tags: [applicationTag] })
    if (made !== undefined) {
      emit(applicationChange(made.created ? 'create' : 'keep', made.application))
      return made
    }
    const holder = (await graph.applications.deletedNamed(displayName)).get(uniqueName)
    if (holder === undefined) {
      throw new AzwiError(
        'UniqueNameTaken',
        `the unique name ${uniqueName} for the application "${displayName}" belongs to another application`,
        {
          hint: 'see it with: az rest --url "https://graph.microsoft.com/v1.0/directory/deletedItems/microsoft.graph.application"'
        }
      )
    }
    uniqueName = applicationUniqueName(displayName, holder.objectId)
  }
}

function warnOfPrincipalName(wanted: string | undefined, displayName: string, warn: (message: string) => void): void {
  if (wanted === undefined || wanted === displayName) return
  warn(
    `--service-principal-name "${wanted}" does not name the new service principal: it bears its application's name, "${displayName}"`
  )
}

async function identifyingFields(context: Context): Promise<Record<string, string | undefined>> {
  const { settings } = context
  if (givenApplicationId(settings))
    return { objectID: settings.get('aadApplicationObjectId'), clientID: settings.get('aadApplicationClientId') }
  return { name: await applicationName(context) }
}

function applicationChange(action: Change['action'], { clientId, displayName, objectId }: Application): Change {
  return { kind: applicationKind, action, fields: { clientID: clientId, name: displayName, objectID: objectId } }
}

function principalChange(action: Change['action'], { clientId, displayName, objectId }: ServicePrincipal): Change {
  return { kind: servicePrincipalKind, action, fields: { clientID: clientId, name: displayName, objectID: objectId } }
}
