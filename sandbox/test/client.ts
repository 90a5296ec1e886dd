import { Agent, request } from 'node:https'
import type { Sandbox } from '../src/sandbox.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON. A test knows what it contains. */
  readonly json: Record<string, unknown>
}

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | object
}

/** The agent of each sandbox. It keeps connections open, because a new one takes ten times as long as a request. */
const agents = new WeakMap<Pick<Sandbox, 'caPem'>, Agent>()

function agentFor(sandbox: Pick<Sandbox, 'caPem'>): Agent {
  const agent = agents.get(sandbox) ?? new Agent({ keepAlive: true, ca: sandbox.caPem, servername: 'localhost' })
  agents.set(sandbox, agent)
  return agent
}

/** Sends a request to the sandbox and trusts only its certificate authority. Rejects if the connection is closed without a response. */
export function ask(
  sandbox: Pick<Sandbox, 'caPem'>,
  url: string,
  { method = 'GET', headers = {}, body }: Question = {}
): Promise<Answer> {
  const content = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  // Node sets no Content-Length by itself for a method that usually has no body.
  const length = { 'content-length': String(Buffer.byteLength(content ?? '')) }
  return new Promise((resolve, reject) => {
    const message = request(url, { method, headers: { ...length, ...headers }, agent: agentFor(sandbox) }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          get json() {
            return JSON.parse(text) as Record<string, unknown>
          }
        })
      })
    })
    message.on('error', reject)
    message.end(content)
  })
}

/** Sends a request to the cluster as its administrator. */
export function askCluster(
  sandbox: Sandbox,
  path: string,
  { headers = {}, ...question }: Question = {}
): Promise<Answer> {
  const authorization = `Bearer ${sandbox.state.cluster.adminToken}`
  return ask(sandbox, `${sandbox.state.endpoints.kubernetes}${path}`, {
    ...question,
    headers: { authorization, ...headers }
  })
}

/** Requests a token, by default in the tenant of the sandbox. */
export function askToken(
  sandbox: Sandbox,
  form: Readonly<Record<string, string>>,
  tenant = sandbox.state.tenantId
): Promise<Answer> {
  return ask(sandbox, `${sandbox.state.endpoints.entra}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString()
  })
}

export const armScope = 'https://management.azure.com/.default'

/** Returns the form with which the operator requests a token for ARM. */
export function operatorForm({ state }: Sandbox): Record<string, string> {
  const { clientId, clientSecret } = state.operator
  return { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope: armScope }
}
