import type { SandboxRequest, SandboxResponse } from '../../sandbox/src/server/http.js'
import type { Intercept, Sandbox } from '../../sandbox/src/sandbox.js'

export interface Ledger {
  /** Records every secret in requests and responses. */
  readonly intercept: Intercept
  /** Records a secret from elsewhere, such as a file or a flag. */
  readonly note: (what: string, secret: string) => void
  /** The secrets with their descriptions. */
  readonly secrets: ReadonlyMap<string, string>
}

/** The output can contain shorter strings by chance. */
const shortest = 12

/** Creates a record of every token, assertion, secret and key that a run receives or sends. */
export function createLedger(): Ledger {
  const secrets = new Map<string, string>()
  const note = (what: string, secret: string): void => {
    if (secret.length < shortest || secrets.has(secret)) return
    secrets.set(secret, what)
    // A part of a token is secret too: the payload and the signature of a JWT, but not the header.
    const [, payload, signature] = secret.split('.')
    if (!secret.startsWith('eyJ') || payload === undefined || signature === undefined) return
    secrets.set(payload, `${what}, its payload`)
    secrets.set(signature, `${what}, its signature`)
  }
  const ofRequest = ({ headers, body }: SandboxRequest): void => {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
    if (bearer !== undefined) note('a bearer token that was sent', bearer)
    const form = new URLSearchParams(body.toString())
    for (const name of ['client_secret', 'client_assertion', 'assertion', 'refresh_token', 'device_code']) {
      const value = form.get(name)
      if (value !== null) note(`the ${name} that was sent`, value)
    }
  }
  const ofAnswer = (answer: SandboxResponse | 'cut'): void => {
    if (answer === 'cut') return
    const { access_token: access, status, value } = contentOf(answer)
    if (typeof access === 'string') note('an access token that was issued', access)
    if (typeof status?.token === 'string') note('a service account token that was issued', status.token)
    if (typeof value === 'string') note('a token of the runner', value)
  }
  return {
    secrets,
    note,
    intercept: async (request, _, next) => {
      ofRequest(request)
      const answer = await next()
      ofAnswer(answer)
      return answer
    }
  }
}

interface Content {
  access_token?: unknown
  status?: { token?: unknown }
  value?: unknown
}

function contentOf({ body }: SandboxResponse): Content {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body ?? {}
  try {
    return JSON.parse(body.toString()) as Content
  } catch {
    return {}
  }
}

/** Records the secrets with which a sandbox was created. */
export function noteSandbox({ note }: Ledger, { state }: Sandbox): void {
  note("the operator's client secret", state.operator.clientSecret)
  note('the token in the kubeconfig', state.cluster.adminToken)
}

/** Returns the descriptions of the secrets that a text contains. */
export function leaks({ secrets }: Ledger, text: string): string[] {
  const found = [...secrets].filter(([secret]) => text.includes(secret)).map(([, what]) => what)
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) found.push('a private key')
  if (/\beyJ[\w-]{20,}\.[\w-]{20,}/.test(text)) found.push('something that looks like a token')
  return [...new Set(found)]
}
