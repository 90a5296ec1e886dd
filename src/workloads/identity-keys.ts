import { workloadFields } from '../config/options.js'
import { type IdentityContent, valueAt } from './content.js'

const identityFields = workloadFields.filter(({ path }) => path.startsWith('identity.'))

/** Returns a key that is the same for every spelling of one identity. Azure and Entra ignore letter case. */
export function identityKey(identity: IdentityContent): string {
  const identifying = identityFields.filter(({ identifies }) => identifies !== undefined)
  return JSON.stringify(
    identifying.map(({ path }) => (valueAt({ identity }, path) as string | undefined)?.toLowerCase())
  )
}

/** Returns a key of the settings that a new identity is created with, such as location and tags; the same for every spelling. */
export function creationKey(identity: IdentityContent = {}): string {
  const others = identityFields.filter(({ identifies }) => identifies === undefined)
  return JSON.stringify(others.map(({ path }) => normalized(valueAt({ identity }, path))))
}

/** Azure ignores spaces and letter case in a location, and letter case in the names of tags. */
function normalized(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(' ', '').toLowerCase()
  return Object.entries(value ?? {})
    .map(([name, text]) => [name.toLowerCase(), text] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}
