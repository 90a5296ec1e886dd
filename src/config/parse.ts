import { ownLabelPrefix, setLabel } from '../domain/annotations.js'
import { UsageError } from '../errors.js'
import { parseDuration } from '../domain/duration.js'
import { isGuid, parseAksClusterId, parseManagedIdentityId } from '../domain/azure-ids.js'
import { issuerProblem } from '../domain/issuer.js'
import { namespaceProblem, serviceAccountNameProblem } from '../domain/kubernetes-names.js'
import { managedByLabel } from '../domain/marks.js'
import { maxDisplayNameLength } from '../domain/names.js'

/** Converts the text of an option to its value, in canonical form. Throws a UsageError that names the flag and the text. */
type Parser<T = string> = (text: string, flag: string) => T

const hourInSeconds = 3600

const refused = (flag: string, text: string, problem: string, hint: string): UsageError =>
  new UsageError(`${flag} ${JSON.stringify(text)}${problem}`, hint)

/** A parser that returns the text as it is, unless `problemOf` finds a problem with it. */
const checked =
  (problemOf: (text: string) => string | undefined, hint: string): Parser =>
  (text, flag) => {
    const problem = problemOf(text)
    if (problem !== undefined) throw refused(flag, text, `: ${problem}`, hint)
    return text
  }

/** The name of a service account. */
export const serviceAccountName = checked(
  serviceAccountNameProblem,
  'a service account is named as in `kubectl get serviceaccounts`, such as my-app'
)
/** The name of a pod, or of an object that creates pods: the same rule. Source: apimachinery's `NameIsDNSSubdomain`. */
export const objectName = checked(serviceAccountNameProblem, 'such as my-app; see kubectl get all')
/** The name of a namespace. */
export const namespace = checked(
  namespaceProblem,
  'a namespace is named as in `kubectl get namespaces`, such as default'
)
/** The issuer of service account tokens. */
export const issuerUrl = checked(
  issuerProblem,
  'see what the cluster says: kubectl get --raw /.well-known/openid-configuration'
)

/** A GUID, in lower case. */
export const guid: Parser = (text, flag) => {
  if (!isGuid(text)) throw refused(flag, text, ' is not a GUID', 'it looks like 00000000-0000-0000-0000-000000000000')
  return text.toLowerCase()
}

/** Seconds, from 1 to 24 hours: the range that the webhook accepts for the annotation service-account-token-expiration. */
export const tokenExpiration: Parser<number> = (text, flag) => {
  const seconds = parseDuration(text)
  if (seconds === undefined) throw refused(flag, text, ' is not a duration', 'such as 1h, 1h30m or 5400 (seconds)')
  if (seconds < hourInSeconds || seconds > 24 * hourInSeconds)
    throw refused(flag, text, ' is out of range', 'it must be from 1h to 24h (3600 to 86400 seconds)')
  return seconds
}

/** Seconds, above zero. */
export const timeout: Parser<number> = (text, flag) => {
  const seconds = parseDuration(text)
  if (seconds === undefined || seconds <= 0)
    throw refused(flag, text, ' is not a length of time', 'such as 90s, 5m or 300 (seconds)')
  return seconds
}

/** The maximum number of concurrent requests, from 1 to 100. */
export const concurrency: Parser<number> = (text, flag) => {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > 100)
    throw refused(flag, text, ' is not a number from 1 to 100', 'such as 8')
  return count
}

/** A parser of `k=v,k2=v2`. `refuse` throws a UsageError for an invalid pair. */
const pairs =
  (refuse: (key: string, value: string, origin: string) => void, noun: string): Parser<Record<string, string>> =>
  (text, flag) =>
    Object.fromEntries(
      text.split(',').map(pair => {
        const origin = `${flag} ${JSON.stringify(text)}: ${JSON.stringify(pair)}`
        const at = pair.indexOf('=')
        if (at === -1)
          throw new UsageError(`${origin} is not a ${noun}`, `${noun}s are given as key=value, separated by commas`)
        const [key, value] = [pair.slice(0, at), pair.slice(at + 1)]
        refuse(key, value, origin)
        return [key, value] as const
      })
    )

/** Throws a UsageError for an invalid label, and for one that azwi sets itself. */
export function refuseLabel(key: string, value: string, origin: string): void {
  const isReserved = key.startsWith(ownLabelPrefix)
  if (isReserved || Object.hasOwn(managedByLabel, key))
    throw new UsageError(
      `${origin}: azwi sets ${isReserved && key !== setLabel ? `labels that begin with ${ownLabelPrefix}` : 'this label'} itself`,
      key === setLabel ? 'name the set in the field set at the top of a workload file' : 'leave it out'
    )
  refuseInvalidLabel(key, value, origin)
}

/** Source: Kubernetes' documentation, "Labels and selectors", "Syntax and character set". */
function refuseInvalidLabel(key: string, value: string, origin: string): void {
  const part = /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)$/
  const name = key.includes('/') ? key.slice(key.indexOf('/') + 1) : key
  if (part.test(name) && (value === '' || part.test(value))) return
  throw new UsageError(
    `${origin} is not a label`,
    'key and value have up to 63 letters, digits, hyphens, underscores and dots, and begin and end with a letter or digit'
  )
}

/** Kubernetes labels: `k=v,k2=v2`. */
export const labels = pairs(refuseLabel, 'label')

/** The display name of an Entra application or service principal. */
export const displayName = checked(text => {
  if (text.trim() === '') return 'is empty'
  return text.length > maxDisplayNameLength
    ? `has ${text.length} characters; ${maxDisplayNameLength} is the most`
    : undefined
}, 'an application is named as in `az ad app list --query [].displayName`')

/** The name, GUID or resource ID of an Azure role. */
export const role = checked(
  text => (text.trim() === '' ? 'is empty' : undefined),
  'roles are listed by: az role definition list --query [].roleName'
)

/**
 * The scope of a role assignment: a resource ID (`/subscriptions/…`, a management group, `/`), or short: `rg:<group>`, `sub:`,
 * `sub:<guid>`.
 */
export const scope = checked(text => {
  if (text === 'sub:' || (text.startsWith('sub:') && isGuid(text.slice(4)))) return undefined
  if (text.startsWith('rg:')) return resourceGroupProblem(text.slice(3))
  if (text !== text.trim()) return 'has white space around it'
  if (text === '/' || /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(text)) return undefined
  const subscription = /^\/subscriptions\/([^/]+)(\/.*[^/])?$/i.exec(text)?.[1]
  if (subscription === undefined) return 'is not a resource id'
  return isGuid(subscription) ? undefined : `"${subscription}" is not a subscription id`
}, 'such as rg:<group>, sub:, or /subscriptions/<subscription id>/resourceGroups/<group>; for a resource: az resource show … --query id')

/** `<role>=<scope>`. The name of a custom role can contain equals signs, so the first one that a scope follows ends the role. */
export const grant: Parser<{ role: string; scope: string }> = (text, flag) => {
  const parts = /^(.+?)=((?:\/|rg:|sub:).*)$/.exec(text)
  if (parts?.[1] === undefined || parts[2] === undefined) {
    throw refused(
      flag,
      text,
      ' is not of the form <role>=<scope>',
      'such as --grant "Key Vault Secrets User=rg:my-group"'
    )
  }
  return { role: role(parts[1], flag), scope: scope(parts[2], flag) }
}

/** Source: Azure's naming rules for resource groups. */
function resourceGroupProblem(text: string): string | undefined {
  if (text === '' || text.length > 90) return 'names a resource group of 1 to 90 characters'
  return /^[-\p{L}\p{N}_.()]*[-\p{L}\p{N}_()]$/u.test(text) ? undefined : 'is not the name of a resource group'
}

/** The name of a resource group. */
export const resourceGroup = checked(resourceGroupProblem, 'groups are listed by: az group list --query [].name')

/** Source: Azure's naming rules for Microsoft.ManagedIdentity/userAssignedIdentities. */
function managedIdentityNameProblem(text: string): string | undefined {
  return /^[a-zA-Z0-9][-\w]{2,127}$/.test(text)
    ? undefined
    : 'is not the name of a managed identity: 3 to 128 letters, digits, hyphens and underscores'
}

/** The name of a user-assigned managed identity. */
export const managedIdentityName = checked(
  managedIdentityNameProblem,
  'identities are listed by: az identity list --query [].name'
)

/** The resource ID of a user-assigned managed identity. */
export const managedIdentityId = checked(text => {
  const parts = parseManagedIdentityId(text)
  if (parts === undefined || !isGuid(parts.subscriptionId))
    return 'is not the resource id of a user-assigned managed identity'
  return resourceGroupProblem(parts.resourceGroup) ?? managedIdentityNameProblem(parts.name)
}, 'see: az identity show --name <name> --resource-group <group> --query id')

/** The name of an AKS cluster, or its resource ID. Source: Azure's naming rules for Microsoft.ContainerService/managedClusters. */
export const aksCluster = checked(text => {
  const parts = parseAksClusterId(text)
  const isValid =
    /^[a-zA-Z0-9]([-\w]{0,61}[a-zA-Z0-9])?$/.test(parts?.name ?? text) &&
    (parts === undefined || (isGuid(parts.subscriptionId) && resourceGroupProblem(parts.resourceGroup) === undefined))
  return isValid ? undefined : 'is neither the name nor the resource id of an AKS cluster'
}, 'clusters are listed by: az aks list --query [].id')

/** The name or the display name of an Azure location. */
export const location = checked(
  text => (/^[a-zA-Z0-9][a-zA-Z0-9 ]*$/.test(text) ? undefined : 'is not a location'),
  'locations are listed by: az account list-locations --query [].name'
)

/** Throws a UsageError for an invalid tag. Source of the limits: Azure's documentation of tags. */
export function refuseTag(key: string, value: string, origin: string): void {
  const name = key.trim()
  if (name === '' || name.length > 512 || value.length > 256 || /[<>%&\\?/]/.test(name)) {
    throw new UsageError(
      `${origin} is not a tag`,
      'its name has 1 to 512 characters, none of them of <>%&\\?/, and its value at most 256'
    )
  }
  if (name.toLowerCase() === 'managed-by')
    throw new UsageError(`${origin}: the tag ${name} is azwi's own mark`, 'choose another name for it')
}

const tagPairs = pairs(refuseTag, 'tag')
/** Azure tags: `k=v,k2=v2`. */
export const tags: Parser<Record<string, string>> = (text, flag) =>
  Object.fromEntries(Object.entries(tagPairs(text, flag)).map(([key, value]) => [key.trim(), value.trim()]))

/** The HTTPS URL of a metadata document. */
export const url = checked(
  text => (URL.canParse(text) && new URL(text).protocol === 'https:' ? undefined : 'is not an https URL'),
  'it looks like https://<resource manager>/metadata/endpoints?api-version=2022-09-01'
)

/** The audience of a service account token. Source: Entra's limit of 600 characters for an audience. */
export const audience = checked(
  text => (text === '' || /\s/.test(text) || text.length > 600 ? 'is not an audience' : undefined),
  "the public cloud's is api://AzureADTokenExchange"
)

/** A name without further rules. */
export const nonEmpty = checked(text => (text.trim() === '' ? 'is empty' : undefined), 'give a name')

/** The API that an access token is for, as in the token's claim `aud`. */
export const resource = checked(text => {
  if (text === '' || /\s/.test(text)) return 'is not the identifier of an API'
  return text.endsWith('/.default') ? 'ends in /.default, which is for scopes' : undefined
}, 'such as --resource https://vault.azure.net')

/** The parser of switches. */
export const yes = (): boolean => true

/** The resource ID of a role assignment. */
export const roleAssignmentId = checked(text => {
  const guid =
    /^\/(?:subscriptions\/.+\/|providers\/Microsoft\.Management\/.+\/)?providers\/Microsoft\.Authorization\/roleAssignments\/([^/]+)$/i.exec(
      text
    )?.[1]
  return guid !== undefined && isGuid(guid) ? undefined : 'is not the id of a role assignment'
}, 'it ends in /providers/Microsoft.Authorization/roleAssignments/<guid>')

/** The path of a file. */
export const path = checked(text => (text === '' ? 'is empty' : undefined), 'give the path of a file')

/** Any text that is not empty. The error never contains the secret. */
export const secret: Parser = (text, flag) => {
  if (text === '')
    throw new UsageError(`${flag} is empty`, 'give the secret in the environment variable AZURE_CLIENT_SECRET')
  return text
}

/** Words separated by commas. */
export const words = (text: string): readonly string[] =>
  text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')

/** A glob for `namespace/name`. */
export const glob: Parser = (text, flag) => {
  if (text === '') throw refused(flag, text, ' is not a glob', `such as ${flag} 'payments-*/*'`)
  return text
}

/** A parser of one of a few words. */
export const oneOf =
  <Word extends string>(allowed: readonly Word[]): Parser<Word> =>
  (text, flag) => {
    const word = allowed.find(candidate => candidate === text)
    if (word === undefined) throw refused(flag, text, ' is not known', `use one of ${allowed.join(', ')}`)
    return word
  }
