import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import type { Intercept } from '../../sandbox/src/sandbox.js'
import type { State } from '../../sandbox/src/state.js'

/** An environment without the sandbox's service principal, so that azwi has to log in another way. */
export const noServicePrincipal = { AZURE_CLIENT_ID: undefined, AZURE_CLIENT_SECRET: undefined }

/** Writes an executable script for Node, and returns its path. */
export function installProgram(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!${process.execPath}\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

/** Issues an access token of the sandbox's operator for one of its services. */
export function operatorToken({ accessTokens, operator, endpoints }: State, service: 'arm' | 'graph'): Promise<string> {
  return accessTokens.issue({ appId: operator.clientId, objectId: operator.objectId }, endpoints[service])
}

/**
 * Installs an `az` that prints tokens of the sandbox's operator. It appends its arguments to `az.log` beside it.
 * Returns the folder for `PATH`.
 */
export async function installAz(folder: string, state: State): Promise<string> {
  const [graph, arm] = await Promise.all([operatorToken(state, 'graph'), operatorToken(state, 'arm')])
  installProgram(
    join(folder, 'az'),
    `
    const words = process.argv.slice(2).join(' ')
    require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'az.log'))}, words + '\\n')
    const accessToken = words.includes(${JSON.stringify(state.endpoints.graph)}) ? ${JSON.stringify(graph)} : ${JSON.stringify(arm)}
    const expires = Math.floor(Date.now() / 1000) + 3600
    console.log(JSON.stringify({ accessToken, expiresOn: new Date(expires * 1000).toISOString(), expires_on: expires, tenant: ${JSON.stringify(state.tenantId)}, tokenType: 'Bearer' }))`
  )
  return folder
}

/** Installs an `azd` that prints a token of the sandbox's operator for ARM. Returns the folder for `PATH`. */
export async function installAzd(folder: string, state: State): Promise<string> {
  const token = await operatorToken(state, 'arm')
  installProgram(
    join(folder, 'azd'),
    `console.log(JSON.stringify({ token: ${JSON.stringify(token)}, expiresOn: new Date(Date.now() + 3600000).toISOString() }))`
  )
  return folder
}

export interface ManagedIdentityEndpoint {
  /** What azwi needs in its environment to find the endpoint, as App Service sets it. */
  readonly environment: Readonly<Record<string, string>>
  /** The resource of each request. */
  readonly resources: readonly (string | null)[]
  readonly close: () => void
}

/** Starts a machine's managed identity endpoint, which returns tokens of the sandbox's operator for ARM. */
export async function startManagedIdentityEndpoint(state: State): Promise<ManagedIdentityEndpoint> {
  const token = await operatorToken(state, 'arm')
  const resources: (string | null)[] = []
  const server = createServer((request, response) => {
    resources.push(new URL(request.url ?? '', 'http://localhost').searchParams.get('resource'))
    const expires = String(Math.floor(Date.now() / 1000) + 7200)
    const body = { access_token: token, expires_on: expires, resource: 'x', token_type: 'Bearer', client_id: 'x' }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    environment: {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`,
      IDENTITY_HEADER: 'header'
    },
    resources,
    close: () => server.close()
  }
}

export const deviceCodeMessage = 'To sign in, open https://microsoft.com/devicelogin and enter the code ABCD-1234.'

export interface Interception {
  readonly intercept: Intercept
}

/**
 * Returns a fault that answers as Entra does if a person enters every device code at once. `codes` counts the codes.
 */
export function personWithDeviceCode(state: State): Interception & { readonly codes: () => number } {
  let codes = 0
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const intercept: Intercept = async (request, service, next) => {
    if (service === 'entra' && request.path.endsWith('/devicecode')) {
      codes += 1
      return {
        status: 200,
        body: {
          user_code: 'ABCD-1234',
          device_code: `code-${codes}`,
          verification_uri: 'https://microsoft.com/devicelogin',
          expires_in: 900,
          interval: 0,
          message: deviceCodeMessage
        }
      }
    }
    if (service !== 'entra' || request.method !== 'POST') return next()
    const scope = new URLSearchParams(request.body.toString()).get('scope') ?? ''
    const { clientId, objectId } = state.operator
    const claims = {
      aud: clientId,
      iss: `${state.endpoints.entra}/${state.tenantId}/v2.0`,
      oid: objectId,
      sub: objectId,
      tid: state.tenantId,
      preferred_username: 'someone@example.com',
      ver: '2.0',
      exp: 9999999999,
      iat: 1
    }
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: 3600,
        ext_expires_in: 3600,
        access_token: await operatorToken(state, scope.includes(state.endpoints.graph) ? 'graph' : 'arm'),
        refresh_token: 'a-Refresh~Token',
        scope,
        id_token: `${part({ alg: 'none' })}.${part(claims)}.`,
        client_info: part({ uid: objectId, utid: state.tenantId })
      }
    }
  }
  return { intercept, codes: () => codes }
}

export interface GitHubRunner extends Interception {
  /** The audience of each request for an OIDC token. */
  readonly audiences: readonly (string | null)[]
  readonly environment: Readonly<Record<string, string>>
}

export const gitHubRequestToken = 'a-Runner~Token.That_Must_Not_Show'

/**
 * Returns a fault that plays a GitHub runner's endpoint for OIDC tokens, at the sandbox's issuer. It refuses a request
 * that is not as GitHub documents it.
 */
export function gitHubRunner(state: State, answer: { status: number; body: object | string }): GitHubRunner {
  const audiences: (string | null)[] = []
  return {
    audiences,
    environment: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${state.endpoints.issuer}/runner?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: gitHubRequestToken
    },
    intercept: async ({ path, headers, query }, _service, next) => {
      if (path !== '/runner') return next()
      if (headers.authorization !== `Bearer ${gitHubRequestToken}` || query.get('api-version') !== '2.0')
        return { status: 401, body: { message: 'not a request of a job' } }
      audiences.push(query.get('audience'))
      return answer
    }
  }
}

/** Returns the script of a kubeconfig's exec plugin, as kubelogin is one: it prints an ExecCredential. */
export function execPluginScript(token: string): string {
  const status = JSON.stringify({ token, expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString() })
  return `console.log('{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":${status}}')`
}

/** Returns the user of a kubeconfig that logs in with an exec plugin. */
export const execUser = (command: string, more: Readonly<Record<string, unknown>> = {}) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command,
    args: ['get-token', '--login', 'azurecli'],
    env: null,
    interactiveMode: 'IfAvailable',
    ...more
  }
})
