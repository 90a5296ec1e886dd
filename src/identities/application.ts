import type { Application, ServicePrincipal } from '../clients/graph/client.js'
import type { OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import { AzwiError, ExitCode, shellQuoted } from '../errors.js'
import { applicationUniqueName, defaultApplicationName } from '../domain/names.js'
import { isMarkedApplication } from '../domain/marks.js'
import type { Context, Service } from '../context.js'
import type { CredentialStore, Identity } from './identity.js'
import { issuerServices, subjectOptions } from './subject.js'
import { allInOrder, once, oncePerContext } from '../async.js'

/** The flags that say which application is meant. Without a flag for the application, its name is derived from the service account. */
export const applicationOptions = [
  ...subjectOptions,
  'aadApplicationName',
  'aadApplicationClientId',
  'aadApplicationObjectId'
] as const satisfies readonly OptionName[]

/** Reports whether the flags name an existing application by ID. azwi then never creates one. */
export function givenApplicationId(settings: Settings): boolean {
  return settings.given('aadApplicationClientId') || settings.given('aadApplicationObjectId')
}

/** Returns the services that know the issuer, if the name of the application is derived from it. */
export function identifyingServices(settings: Settings): readonly Service[] {
  return givenApplicationId(settings) || settings.given('aadApplicationName') ? [] : issuerServices(settings)
}

/** Returns the display name of the application: from its flag, or derived from the service account and the issuer. */
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

/**
 * Finds the application by object ID, by client ID or by name, in this order. Throws an AzwiError if several applications have the name, or if the two
 * IDs belong to different applications.
 */
export const findApplication = oncePerContext(async (context: Context): Promise<Application | undefined> => {
  const { settings } = context
  const objectId = settings.get('aadApplicationObjectId')
  const clientId = settings.get('aadApplicationClientId')
  if (objectId !== undefined) {
    const found = await (await context.graph()).applications.byObjectId(objectId)
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
  if (clientId !== undefined) return (await context.graph()).applications.byClientId(clientId)
  const [graph, name] = await allInOrder([context.graph(), applicationName(context)])
  // The unique name stays when somebody renames the application.
  const [unique, named] = await Promise.all([
    graph.applications.byUniqueName(applicationUniqueName(name)),
    graph.applications.named(name)
  ])
  if (unique !== undefined) return unique
  if (named.length > 1) throw ambiguous(name, named)
  return named[0]
})

/** Finds the application as an identity. Resolves to undefined if it does not exist. */
export const findApplicationIdentity = oncePerContext(async (context: Context): Promise<Identity | undefined> => {
  const found = await findApplication(context)
  return found && applicationIdentity(context, found)
})

/** Returns the error that says which application was looked for, and how to continue. */
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

/** Returns the application as an identity. Looks up only what the caller does not pass in. */
export function applicationIdentity(
  context: Context,
  found?: Application,
  principal?: ServicePrincipal | 'to be created',
  isNew = false
): Identity {
  const { settings } = context
  const find = once(async () => {
    const application = found ?? (await findApplication(context))
    if (application === undefined) throw await applicationNotFound(context)
    return application
  })
  const findPrincipal = once(async () =>
    typeof principal === 'object'
      ? principal
      : (await context.graph()).servicePrincipals.byClientId((await find()).clientId)
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
      // As in the Go azwi, the name of a new application's service principal may be given before it exists. For an existing application it is an error.
      if (settings.given('servicePrincipalName') && !isNew) throw noPrincipal(settings.require('servicePrincipalName'))
      if (principal === 'to be created') return undefined
      const { displayName } = await find()
      const own = await findPrincipal()
      if (own === undefined) throw noPrincipal(displayName)
      return own.objectId
    }),
    name: async () => (await find()).displayName,
    additions: once(async () => additionsOf(context, await objectId(), await findPrincipal())),
    accessOfOthers: once(async () => accessOfOthers(context, await objectId(), await findPrincipal())),
    isMarked: once(async () => {
      const application = await find()
      return isMarkedApplication(application, undefined) || isMarkedApplication(application, await findPrincipal())
    })
  }
}

/** Secrets of the service principal count too: they give the same access as those of the application. */
async function additionsOf(
  { graph, log }: Context,
  objectId: string,
  principal: ServicePrincipal | undefined
): Promise<string[]> {
  const { applications, servicePrincipals } = await graph()
  try {
    const [additions, secrets] = await Promise.all([
      applications.additions(objectId),
      principal && servicePrincipals.secrets(principal.objectId)
    ])
    return [
      ...countOf((additions?.clientSecrets ?? 0) + (secrets?.clientSecrets ?? 0), 'client secret'),
      ...countOf((additions?.certificates ?? 0) + (secrets?.certificates ?? 0), 'certificate'),
      ...(additions?.redirectUris ?? []).map(uri => `the redirect URI ${uri}`),
      ...(additions?.identifierUris ?? []).map(uri => `the identifier URI ${uri}`)
    ]
  } catch (error) {
    if (!(error instanceof AzwiError) || error.exitCode !== ExitCode.login) throw error
    log.warn(`could not check what people have added to the application ${objectId}: reading it is not allowed`)
    return []
  }
}

/** Owners and secrets of the service principal count too: they give the same access as those of the application. */
async function accessOfOthers(
  { graph, loginObjectId }: Context,
  objectId: string,
  principal: ServicePrincipal | undefined
): Promise<string[]> {
  const { applications, servicePrincipals } = await graph()
  const [additions, owners, control, login] = await Promise.all([
    applications.additions(objectId),
    applications.owners(objectId),
    principal && servicePrincipals.control(principal.objectId),
    loginObjectId()
  ])
  const secrets = (additions?.clientSecrets ?? 0) + (control?.clientSecrets ?? 0)
  const certificates = (additions?.certificates ?? 0) + (control?.certificates ?? 0)
  const otherOwners = new Map(
    [...owners, ...(control?.owners ?? [])]
      .filter(({ id }) => id.toLowerCase() !== login)
      .map(({ id, displayName }) => [id.toLowerCase(), displayName])
  )
  return [
    ...[...otherOwners].map(([id, displayName]) => `its owner ${displayName ?? id} (object ID ${id})`),
    ...countOf(secrets, 'client secret'),
    ...countOf(certificates, 'certificate')
  ]
}

const countOf = (count: number, noun: string): string[] =>
  count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]

function applicationCredentials(context: Context, objectId: () => Promise<string>, isNew: boolean): CredentialStore {
  const { graph } = context
  return {
    owner: async () => ({ objectID: await objectId() }),
    list: once(async () => {
      if (isNew) return []
      try {
        return await (await graph()).credentials.list(await objectId())
      } catch (error) {
        throw error instanceof AzwiError && error.code === 'Request_ResourceNotFound'
          ? await applicationNotFound(context)
          : error
      }
    }),
    write: async (credential, isNewCredential) =>
      (await graph()).credentials.upsert(
        await objectId(),
        credential,
        isNewCredential ? credentialDescription : undefined
      ),
    delete: async name => (await graph()).credentials.delete(await objectId(), name)
  }
}

/** The portal shows this description. A credential that somebody else created keeps its own. */
const credentialDescription = 'made by azwi for a Kubernetes service account'

/**
 * Finds the service principal that the flags name, by object ID or by display name. Resolves to undefined if none has the name. Azure would
 * accept a role assignment to an object ID that does not exist (terraform-provider-azurerm, issue 18113), so the ID is checked.
 */
export async function chosenPrincipal({ settings, graph, log }: Context): Promise<string | undefined> {
  const objectId = settings.get('servicePrincipalObjectId')
  const name = settings.get('servicePrincipalName')
  if (objectId !== undefined) {
    try {
      if ((await (await graph()).servicePrincipals.byObjectId(objectId)) !== undefined) return objectId
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
  const found = await (await graph()).servicePrincipals.named(name)
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
