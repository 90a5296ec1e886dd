import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SandboxRequest } from '../../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { copyKubeconfig } from '../../helpers/kubeconfig.js'
import { execUser, installProgram } from '../../helpers/stand-ins.js'
import { onlyApplication, serviceAccountIn } from '../../helpers/state.js'

const test = useFaultySandbox()
const create = ['sa', 'create', '--service-account-name', 'app', '--grant', 'Reader=rg:azwi-sandbox']
const managedIdentity = ['--managed-identity-name', 'app', '--managed-identity-resource-group', 'azwi-sandbox']
const isLogin = ({ method, path }: { method: string; path: string }) => method === 'POST' && path.endsWith('/token')
const logins = () => test.sandbox.requests.filter(request => request.service === 'entra' && isLogin(request)).length
const refusal = { status: 401, body: { error: { code: 'InvalidAuthenticationToken', message: 'expired' } } }
const tokenOf = ({ headers }: SandboxRequest) => headers.authorization ?? ''

function expectComplete(kind: 'application' | 'managed-identity'): void {
  const { state } = test.sandbox
  const identity = kind === 'application' ? onlyApplication(state) : [...state.managedIdentities.values()][0]
  expect(identity?.federatedIdentityCredentials).toHaveLength(1)
  expect(state.roleAssignments.size).toBe(1)
  expect(serviceAccountIn(state, 'app')).toBeDefined()
}

describe.each(['application', 'managed-identity'] as const)('a token that is refused, with a new %s', kind => {
  const words = kind === 'application' ? create : [...create, ...managedIdentity]
  const services = kind === 'application' ? (['graph', 'arm'] as const) : (['arm'] as const)

  it.each(services)('by %s is replaced by a fresh one, once for all requests', async service => {
    await test.run(...words, '--dry-run')
    const usual = logins()
    test.sandbox.requests.length = 0
    let refused: string | undefined
    test.fault(async (request, to, next) => {
      if (to !== service || tokenOf(request) === '') return next()
      // The service no longer accepts the first token, as after a password change.
      refused ??= tokenOf(request)
      return tokenOf(request) === refused ? refusal : next()
    })
    const { status, stderr } = await test.run(...words)
    expect(status, stderr).toBe(0)
    expectComplete(kind)
    expect(logins()).toBe(usual + 1)
  })

  it.each(services)('by %s for one request is replaced, whichever request it is', async service => {
    const count = async (): Promise<number> => {
      let requests = 0
      test.fault(async (_, to, next) => {
        if (to === service) requests++
        return next()
      })
      await test.run(...words, '--dry-run')
      return requests
    }
    for (let refusedIndex = await count(); refusedIndex >= 0; refusedIndex--) {
      let index = 0
      test.fault(async (request, to, next) =>
        to === service && tokenOf(request) !== '' && index++ === refusedIndex ? refusal : next()
      )
      const { status, stderr } = await test.run(...words)
      expect(status, stderr).toBe(0)
    }
    expectComplete(kind)
  })

  it.each(services)('by %s again and again ends the command with exit code 4, without a loop', async service => {
    const requests = new Map<string, number>()
    test.fault(async (request, to, next) => {
      if (to !== service || tokenOf(request) === '') return next()
      const key = `${request.method} ${request.path}?${request.query.toString()}`
      requests.set(key, (requests.get(key) ?? 0) + 1)
      return {
        ...refusal,
        headers: { 'www-authenticate': `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{}}')}"` }
      }
    })
    const { status, stderr } = await test.run(...words)
    expect(status, stderr).toBe(4)
    expect(Math.max(...requests.values())).toBeLessThanOrEqual(2)
    expect(logins()).toBeLessThanOrEqual(4)
  })
})

describe('a token that the API server refuses', () => {
  const path = (name: string) => join(test.directory, name)
  const kubeconfig = (name: string, user: Record<string, unknown>) =>
    copyKubeconfig(test.environment.KUBECONFIG!, path(name), config => {
      config.users[0]!.user = user
    })

  /** Installs an exec plugin that prints other tokens in later runs, and appends a line to a log beside it in each run. */
  function plugin(name: string, first: string, later: string): string {
    const log = JSON.stringify(path(`${name}.log`))
    writeFileSync(path(`${name}.log`), '')
    const credential = `{ apiVersion: 'client.authentication.k8s.io/v1beta1', kind: 'ExecCredential', status: { token, expirationTimestamp: new Date(Date.now() + 3600000).toISOString() } }`
    return installProgram(
      path(name),
      `const fs = require('node:fs')
      const token = fs.readFileSync(${log}, 'utf8') === '' ? ${JSON.stringify(first)} : ${JSON.stringify(later)}
      fs.appendFileSync(${log}, 'run\\n')
      console.log(JSON.stringify(${credential}))`
    )
  }
  const runs = (name: string) => readFileSync(path(`${name}.log`), 'utf8').split('\n').length - 1

  it('is replaced by a second run of the exec plugin, once for all requests', async () => {
    const { adminToken } = test.sandbox.state.cluster
    const command = plugin('stale-plugin', 'stale', adminToken)
    const { status, stderr } = await test.run(...create, '--kubeconfig', kubeconfig('stale', execUser(command)))
    expect(status, stderr).toBe(0)
    expectComplete('application')
    expect(runs('stale-plugin')).toBe(2)
  })

  it('is final if the plugin prints another one that is refused too', async () => {
    const command = plugin('wrong-plugin', 'stale', 'wrong')
    const { status, stderr } = await test.run(...create, '--kubeconfig', kubeconfig('wrong', execUser(command)))
    expect(status, stderr).toBe(4)
    expect(runs('wrong-plugin')).toBe(2)
  })

  it('is read again from its file', async () => {
    const { adminToken } = test.sandbox.state.cluster
    const tokenFile = path('token')
    writeFileSync(tokenFile, 'stale\n')
    test.fault(async (request, to, next) => {
      // The kubelet replaces the file while azwi runs.
      if (to === 'kubernetes' && tokenOf(request) === 'Bearer stale') writeFileSync(tokenFile, `${adminToken}\n`)
      return next()
    })
    const { status, stderr } = await test.run(...create, '--kubeconfig', kubeconfig('file', { tokenFile }))
    expect(status, stderr).toBe(0)
    expectComplete('application')
  })

  it('is final, after one request, if it is in the kubeconfig itself', async () => {
    const { status, stderr } = await test.run(
      ...['sa', 'get', 'app', '--kubeconfig', kubeconfig('static', { token: 'stale' })]
    )
    expect(status, stderr).toBe(4)
    const requests = test.sandbox.requests.filter(({ service }) => service === 'kubernetes').map(({ path }) => path)
    expect(requests).toEqual([...new Set(requests)])
  })
})
