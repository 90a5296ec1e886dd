import type { Application, ServicePrincipal } from '../clients/graph/client.js'
import type { OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import { AzwiError, ExitCode, shellQuoted } from '../errors.js'
import { defaultApplicationName } from '../domain/names.js'
import { bearsOurMark } from '../ownership/application-mark.js'
import type { Context, Service } from '../engine/context.js'
import type { CredentialStore, Identity } from './identity.js'
import { issuerServices, subjectOptions } from '../engine/issuer.js'
import { once, oncePerContext } from '../async.js'

/** The flags by which an application is found; without any of its own, its name is made from those of the service account. */
export const applicationOptions = [
  ...subjectOptions,
  'aadApplicationName',
  'aadApplicationClientId',
  'aadApplicationObjectId'
] as const satisfies readonly OptionName[]

/** Whether the user said which application it is to be, so that none is ever made. */
export function givenApplicationId(settings: Settings): boolean {
  return settings.given('aadApplicationClientId') || settings.given('aadApplicationObjectId')
}

/** The cluster is asked for its issuer where the application's name must be made from it. */
export function identifyingServices(settings: Settings): readonly Service[] {
  return givenApplicationId(settings) || settings.given('aadApplicationName') ? [] : issuerServices(settings)
}

/** The display name that the application has, or is to have. */
export async function applicationName({ settings, issuer }: Context): Promise<string> {
  return (
    settings.get('aadApplicationName') ??
    defaultApplicationName(
      settings.require('serviceAccountNamespace'),
      settings.require('serviceAccountName'),
      await issuer()
    )
  )
}

/** By object id, else by client id, else by name. Throws where several bear the name, or where the two ids are not of one application. */
export const findApplication = oncePerContext(async (context: Context): Promise<Application | undefined> => {
  const { settings } = context
  const objectId = settings.get('aadApplicationObjectId')
  const clientId = settings.get('aadApplicationClientId')
  if (objectId !== undefined) {
    const found = await (await context.graph()).applicationByObjectId(objectId)
    if (found === undefined || clientId === undefined || found.clientId === clientId) return found
    throw new AzwiError(
      'ApplicationMismatch',
      `the application ${objectId} has the client id ${found.clientId}, not ${clientId}`,
      {
        hint: 'give only one of --aad-application-object-id and --aad-application-client-id',
        exitCode: ExitCode.usage
      }
    )
  }
  if (clientId !== undefined) return (await context.graph()).applicationByClientId(clientId)
  const [graph, name] = await Promise.all([context.graph(), applicationName(context)])
  const found = await graph.applicationsNamed(name)
  if (found.length > 1) throw ambiguous(name, found)
  return found[0]
})

/** The application as an identity, where it is there. */
export const findApplicationIdentity = oncePerContext(async (context: Context): Promise<Identity | undefined> => {
  const found = await findApplication(context)
  return found && applicationIdentity(context, found)
})

/** An error that says what was looked for, and how to go on. */
export async function applicationNotFound(context: Context): Promise<AzwiError> {
  const { settings } = context
  const objectId = settings.get('aadApplicationObjectId')
  const clientId = settings.get('aadApplicationClientId')
  if (objectId !== undefined)
    return notFound(`with the object id ${objectId}`, 'az ad app list --query "[].{name:displayName, objectId:id}"')
  if (clientId !== undefined)
    return notFound(`with the client id ${clientId}`, 'az ad app list --query "[].{name:displayName, clientId:appId}"')
  const name = await applicationName(context)
  return new AzwiError('ApplicationNotFound', `there is no application named "${name}"`, {
    hint: `make it: azwi serviceaccount create phase app --aad-application-name ${shellQuoted(name)}; or name another with --aad-application-client-id`
  })
}

/** The application as an identity. What is handed in is not looked up again. */
export function applicationIdentity(
  context: Context,
  found?: Application,
  principal?: ServicePrincipal | 'to be made',
  isNew = false
): Identity {
  const { settings } = context
  const find = once(async () => {
    const application = found ?? (await findApplication(context))
    if (application === undefined) throw await applicationNotFound(context)
    return application
  })
  const findPrincipal = once(async () =>
    typeof principal === 'object' ? principal : (await context.graph()).servicePrincipalOf((await find()).clientId)
  )
  const objectId = async (): Promise<string> =>
    found?.objectId ?? settings.get('aadApplicationObjectId') ?? (await find()).objectId
  return {
    kind: 'application',
    isNew,
    credentials: applicationCredentials(context, objectId, isNew),
    clientId: async () => found?.clientId ?? settings.get('aadApplicationClientId') ?? (await find()).clientId,
    principalId: once(async () => {
      const known = typeof principal === 'object' && principal.displayName === settings.get('servicePrincipalName')
      const chosen = known ? principal.objectId : await chosenPrincipal(context)
      if (chosen !== undefined) return chosen
      // Only of an application that this run has made may the name be meant for the principal that comes with it, as in the Go azwi.
      if (settings.given('servicePrincipalName') && !isNew) throw noPrincipal(settings.require('servicePrincipalName'))
      if (principal === 'to be made') return undefined
      const { displayName } = await find()
      const own = await findPrincipal()
      if (own === undefined) throw noPrincipal(displayName)
      return own.objectId
    }),
    isOurs: once(async () => {
      const application = await find()
      return bearsOurMark(application, undefined) || bearsOurMark(application, await findPrincipal())
    })
  }
}

function applicationCredentials(context: Context, objectId: () => Promise<string>, isNew: boolean): CredentialStore {
  const { graph } = context
  return {
    owner: async () => ({ objectID: await objectId() }),
    list: once(async () => {
      if (isNew) return []
      try {
        return await (await graph()).credentials(await objectId())
      } catch (error) {
        throw error instanceof AzwiError && error.code === 'Request_ResourceNotFound'
          ? await applicationNotFound(context)
          : error
      }
    }),
    write: async (credential, isFirst) =>
      (await graph()).upsertCredential(await objectId(), credential, isFirst ? credentialDescription : undefined),
    delete: async name => (await graph()).deleteCredential(await objectId(), name)
  }
}

/** Shown in the portal. A credential that somebody else made keeps its own. */
const credentialDescription = 'made by azwi for a Kubernetes service account'

/**
 * The principal that the user named, by object id or by display name; undefined where nobody bears the name. It is looked up: with a wrong
 * one, Azure would assign the role to nobody.
 */
export async function chosenPrincipal({ settings, graph, log }: Context): Promise<string | undefined> {
  const objectId = settings.get('servicePrincipalObjectId')
  const name = settings.get('servicePrincipalName')
  if (objectId !== undefined) {
    try {
      if ((await (await graph()).servicePrincipalByObjectId(objectId)) !== undefined) return objectId
    } catch (error) {
      if (!(error instanceof AzwiError) || error.code !== 'Authorization_RequestDenied') throw error
      log.warn(`could not check that the service principal ${objectId} exists: reading the directory is not allowed`)
      return objectId
    }
    throw new AzwiError('PrincipalNotFound', `there is no service principal with the object id ${objectId}`, {
      hint: 'the object id of a service principal is not that of its application: az ad sp show --id <client id> --query id'
    })
  }
  if (name === undefined) return undefined
  const found = await (await graph()).servicePrincipalsNamed(name)
  if (found.length > 1) {
    const list = found.map(each => `${each.objectId} (client id ${each.clientId})`).join(', ')
    throw new AzwiError('AmbiguousPrincipal', `${found.length} service principals are named "${name}": ${list}`, {
      hint: 'choose one with --service-principal-object-id'
    })
  }
  return found[0]?.objectId
}

function noPrincipal(name: string): AzwiError {
  return new AzwiError('PrincipalNotFound', `"${name}" has no service principal in this tenant`, {
    hint: `make it: azwi serviceaccount create phase app --aad-application-name ${shellQuoted(name)}`
  })
}

function ambiguous(name: string, found: readonly Application[]): AzwiError {
  const list = found.map(each => `${each.clientId} (created ${each.createdDateTime})`).join(', ')
  return new AzwiError(
    'AmbiguousApplication',
    `${found.length} applications are named "${name}", with the client ids ${list}`,
    {
      hint: `choose one with --aad-application-client-id or --aad-application-object-id, such as --aad-application-client-id ${found[0]?.clientId ?? ''}`
    }
  )
}

function notFound(what: string, list: string): AzwiError {
  return new AzwiError('ApplicationNotFound', `there is no application ${what} in this tenant`, {
    hint: `list them: ${list}`
  })
}
