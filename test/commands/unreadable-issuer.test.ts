import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'

const test = useFaultySandbox()
const discovery = '/.well-known/openid-configuration'
const keys = '/openid/v1/jwks'

const status = (code: number, reason: string, message: string): SandboxResponse => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
})
const forbidden = status(403, 'Forbidden', `forbidden: User "alice" cannot get path "${discovery}"`)
const page = { status: 404, body: '404 page not found\n' }

function answer(path: string, response: SandboxResponse): void {
  test.fault((request, service, next) =>
    service === 'kubernetes' && request.path === path ? Promise.resolve(response) : next()
  )
}

interface Finding {
  readonly check: string
  readonly outcome: string
  readonly message: string
}

async function findings(...flags: readonly string[]): Promise<readonly Finding[]> {
  const { stdout, stderr } = await test.run('doctor', '--all-namespaces', '--output', 'json', ...flags)
  expect(stdout, stderr).not.toBe('')
  return (JSON.parse(stdout) as { results: { findings: Finding[] }[] }).results.flatMap(result => result.findings)
}

describe('the doctor', () => {
  it.each([
    ['406', status(406, 'NotAcceptable', '406: Not Acceptable')],
    ['500', status(500, 'InternalError', 'etcd')],
    ['404', page],
    ['403', forbidden],
    ['a page of a proxy', { status: 200, body: '<html></html>' }]
  ])('skips the checks of the keys, and runs the others, if the key set is %s', async (_name, response) => {
    answer(keys, response)
    const found = await findings()
    expect(found.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    expect(found.filter(({ check }) => ['issuer-algorithm', 'issuer-keys'].includes(check))).toMatchObject([
      { outcome: 'skipped', message: expect.stringContaining('the keys of the cluster') as string },
      { outcome: 'skipped', message: expect.stringContaining('the keys of the cluster') as string }
    ])
    expect(found.filter(({ check, outcome }) => check === 'issuer-discovery' && outcome === 'ok')).toHaveLength(1)
  })

  it.each([
    ['403', forbidden],
    ['404', page]
  ])(
    'skips the checks of the issuer, and names the flag, if the discovery document is a %s',
    async (_name, response) => {
      answer(discovery, response)
      const found = await findings()
      expect(found.filter(({ outcome }) => outcome === 'fail')).toEqual([])
      expect(found.find(({ check }) => check === 'issuer-https')).toMatchObject({
        outcome: 'skipped',
        message: expect.stringContaining('give it with --service-account-issuer-url') as string
      })
    }
  )

  it('checks the issuer of the flag if it may not read that of the cluster', async () => {
    answer(discovery, forbidden)
    const found = await findings('--service-account-issuer-url', test.sandbox.state.cluster.issuer)
    expect(found.find(({ check }) => check === 'issuer-discovery')).toMatchObject({ outcome: 'ok' })
  })
})

describe('create', () => {
  it.each([
    ['may not be read', forbidden, 4, 'only service accounts may read the issuer'],
    ['is not published', page, 1, 'publishes no issuer']
  ])('names the flags that give the issuer if it %s', async (_name, response, exitCode, text) => {
    answer(discovery, response)
    const { status: code, stderr } = await test.run('sa', 'create', '--service-account-name', 'app')
    expect(code).toBe(exitCode)
    expect(stderr).toContain(text)
    expect(stderr).toMatch(/^Hint: .*--service-account-issuer-url <url>.*--aks-cluster <name>/m)
    expect(test.sandbox.state.applications.size).toBe(0)
  })
})
