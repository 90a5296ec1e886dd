import { createHash, randomInt } from 'node:crypto'
import { isJsonObject, type Json } from '../json.js'

/** The characters of generated names: no vowels, and no digits that look like vowels (apimachinery, util/rand). */
const characters = 'bcdfghjklmnpqrstvwxz2456789'

/** Returns five random characters. The API server appends them to `generateName`. */
export function nameSuffix(): string {
  return Array.from({ length: 5 }, () => characters[randomInt(characters.length)]).join('')
}

/**
 * Returns ten characters that are derived from a pod template, as in the names of replica sets. The hash is not the one
 * of Kubernetes, which clients must not rely on. The order of object members does not change it.
 */
export function templateHash(template: Json): string {
  const bytes = createHash('sha256').update(JSON.stringify(template, sortMembers)).digest()
  return Array.from(bytes.subarray(0, 10), byte => characters[byte % characters.length]).join('')
}

function sortMembers(_name: string, value: Json): Json {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}
