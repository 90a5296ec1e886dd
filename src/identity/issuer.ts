/** The longest issuer that a federated identity credential takes, in characters (Entra docs). */
const longestIssuer = 600

const discoveryPath = '/.well-known/openid-configuration'

/**
 * Why a text is not an issuer that Entra could use, as the end of a sentence that begins with the text; undefined where it is one.
 * A slash at the end is left alone: Entra compares issuers byte for byte, so it counts.
 */
export function issuerProblem(text: string): string | undefined {
  if (text === '') return 'is empty'
  if (/\s/.test(text)) return 'holds white space'
  if (text.length > longestIssuer) return `has ${text.length} characters, and at most ${longestIssuer} are allowed`
  if (!/^https:\/\//i.test(text)) return 'does not begin with https://'
  // What the URL parser would quietly rewrite would no longer be equal to the token's issuer.
  if (/[^\x21-\x7e]|["<>\\^`{|}]/.test(text)) return 'holds a character that is not allowed in a URL'
  if (!URL.canParse(text)) return 'is not a URL'
  const { username, password } = new URL(text)
  if (username !== '' || password !== '') return 'holds a user name or a password'
  // OpenID Connect Discovery 1.0, section 3: an issuer has no query and no fragment, not even an empty one.
  if (text.includes('?')) return 'has a query'
  if (text.includes('#')) return 'has a fragment'
  if (text.endsWith(discoveryPath))
    return `is the address of a discovery document: the issuer is what comes before ${discoveryPath}`
  return undefined
}
