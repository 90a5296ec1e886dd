import { createHash, randomInt } from 'node:crypto'
import { isJsonObject, type Json } from '../json.js'

/** The letters of generated names: no vowels, and no digit that reads as one (apimachinery, util/rand). */
const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** Five letters by chance, as the API server appends them to a `generateName`. */
export function nameSuffix(): string {
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
}

/** Ten letters that follow from a template, as in the names of replica sets. Not Kubernetes' own hash, which nobody may rely on. */
export function templateHash(template: Json): string {
  const bytes = createHash('sha256').update(JSON.stringify(template, sorted)).digest()
  return Array.from(bytes.subarray(0, 10), byte => letters[byte % letters.length]).join('')
}

/** The order of fields means nothing. */
function sorted(_name: string, value: Json): Json {
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}
