import { UsageError } from '../errors.js'
import { parseDuration } from '../identity/duration.js'
import { isGuid } from '../identity/guid.js'
import { issuerProblem } from '../identity/issuer.js'
import { namespaceProblem, serviceAccountNameProblem } from '../identity/kubernetes-names.js'

/** The parsers behind the options: each gives the value back in its canonical form, or throws a UsageError that names flag and value. */
type Parser<T = string> = (text: string, flag: string) => T

const hourInSeconds = 3600
/** Graph's limit for the displayName of an application. */
const longestDisplayName = 256

const checked = (problem: (text: string) => string | undefined, hint: string): Parser => (text, flag) => {
  const reason = problem(text)
  if (reason !== undefined) throw new UsageError(`${flag} "${text}": ${reason}`, hint)
  return text
}

export const serviceAccountName = checked(serviceAccountNameProblem, 'a service account is named as in `kubectl get serviceaccounts`, such as my-app')
export const namespace = checked(namespaceProblem, 'a namespace is named as in `kubectl get namespaces`, such as default')
export const issuerUrl = checked(issuerProblem, 'see what the cluster says: kubectl get --raw /.well-known/openid-configuration')

export const guid: Parser = (text, flag) => {
  if (!isGuid(text)) throw new UsageError(`${flag} "${text}" is not a GUID`, 'it looks like 00000000-0000-0000-0000-000000000000')
  return text.toLowerCase()
}

/** 1 to 24 hours, in seconds: what the webhook accepts as service-account-token-expiration. */
export const tokenExpiration: Parser<number> = (text, flag) => {
  const seconds = parseDuration(text)
  if (seconds === undefined) throw new UsageError(`${flag} "${text}" is not a duration`, 'such as 1h, 1h30m or 5400 (seconds)')
  if (seconds < hourInSeconds || seconds > 24 * hourInSeconds) {
    throw new UsageError(`${flag} "${text}" is out of range`, 'it must be from 1h to 24h (3600 to 86400 seconds)')
  }
  return seconds
}

export const displayName = checked(text => {
  if (text.trim() === '') return 'is empty'
  return text.length > longestDisplayName ? `has ${text.length} characters; ${longestDisplayName} is the most` : undefined
}, 'an application is named as in `az ad app list --query [].displayName`')

export const role = checked(text => text.trim() === '' ? 'is empty' : undefined, 'roles are listed by: az role definition list --query [].roleName')

/** A resource id to assign a role at: `/subscriptions/…`, a management group, or `/`. */
export const scope = checked(text => {
  if (text !== text.trim()) return 'has white space around it'
  if (text === '/' || /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(text)) return undefined
  const subscription = /^\/subscriptions\/([^/]+)(\/.*[^/])?$/i.exec(text)?.[1]
  if (subscription === undefined) return 'is not a resource id'
  return isGuid(subscription) ? undefined : `"${subscription}" is not a subscription id`
}, 'such as /subscriptions/<subscription id>/resourceGroups/<group>; for a resource: az resource show … --query id')

export const roleAssignmentId = checked(
  text => /\/providers\/Microsoft\.Authorization\/roleAssignments\/[0-9a-f-]{36}$/i.test(text) ? undefined : 'is not the id of a role assignment',
  'it ends in /providers/Microsoft.Authorization/roleAssignments/<guid>'
)

export const path = checked(text => text === '' ? 'is empty' : undefined, 'give the path of a file')

/** Anything but nothing; a secret is never repeated in the error. */
export const secret: Parser = (text, flag) => {
  if (text === '') throw new UsageError(`${flag} is empty`)
  return text
}

/** One of a few words. */
export const oneOf = <Word extends string>(words: readonly Word[]): Parser<Word> => (text, flag) => {
  const word = words.find(candidate => candidate === text)
  if (word === undefined) throw new UsageError(`${flag} "${text}" is not known`, `use one of ${words.join(', ')}`)
  return word
}
