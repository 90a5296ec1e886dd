import { describe, expect, it } from 'vitest'
import type { SandboxRequest, SandboxResponse, Service } from '../../../sandbox/src/server/http.js'
import { addAnnotated, connectApplication, connectManagedIdentity } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'

const test = useFaultySandbox()
const list = (...words: readonly string[]) => test.run('sa', 'list', ...words)
const forbidden: SandboxResponse = { status: 403, body: { error: { code: 'Forbidden', message: 'No.' } } }
const deny = (isDenied: (service: Service['name'], request: SandboxRequest) => boolean): void => {
  test.fault(async (request, service, next) => (isDenied(service, request) ? forbidden : next()))
}
const warnings = (stderr: string): string[] =>
  logLines(stderr)
    .filter(({ level }) => level === 'WARN')
    .map(({ message }) => message)
const lastLine = (stdout: string): string => stdout.trimEnd().split('\n').at(-1)!

describe('azwi serviceaccount list, without a permission', () => {
  it('shows managed identities without Graph, and does not warn', async () => {
    connectManagedIdentity(test.sandbox.state, 'jobs')
    deny(service => service === 'graph')
    const { status, stdout, stderr } = await list()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(lastLine(stdout)).toMatch(/mi\/jobs +1\/20 +Reader +ok/)
  })

  it('shows of applications, without Graph, what the cluster knows, and warns', async () => {
    const { application } = connectApplication(test.sandbox.state, 'web')
    deny(service => service === 'graph')
    const { status, stdout, stderr } = await list()
    expect(status).toBe(0)
    expect(lastLine(stdout)).toMatch(new RegExp(`web +${application.appId} +<unknown> +<unknown> +unknown`))
    expect(warnings(stderr)).toEqual([
      expect.stringMatching(/^could not read applications: .*403/),
      expect.stringMatching(/^could not read service principals: /)
    ])
    const { stdout: text } = await list('-o', 'json')
    const data = JSON.parse(text) as { serviceAccounts: [Record<string, unknown>]; unread: { what: string }[] }
    expect(data.unread.map(({ what }) => what)).toEqual(['applications', 'service principals'])
    expect(data.serviceAccounts[0]).toMatchObject({ status: 'unknown', problems: [] })
    expect(Object.keys(data.serviceAccounts[0])).not.toContain('identity')
  })

  it('shows identities without their roles', async () => {
    connectApplication(test.sandbox.state, 'web')
    deny((service, { path }) => service === 'arm' && path.includes('/roleAssignments'))
    const { status, stdout, stderr } = await list()
    expect(status).toBe(0)
    expect(lastLine(stdout)).toMatch(/app\/default-web +1\/20 +<unknown> +unknown/)
    expect(warnings(stderr)).toEqual([expect.stringMatching(/^could not read role assignments: /)])
  })

  it('shows the GUID of a role if its name cannot be read', async () => {
    connectApplication(test.sandbox.state, 'web')
    deny((service, { path }) => service === 'arm' && path.includes('/roleDefinitions'))
    expect(lastLine((await list()).stdout)).toMatch(/acdd72a7-3385-48ef-bd42-f606fba81ae7 +ok/)
  })

  it('reports a credential that is missing for any issuer, even if the issuer cannot be read', async () => {
    connectApplication(test.sandbox.state, 'web')
    connectApplication(test.sandbox.state, 'bare').application.federatedIdentityCredentials = []
    deny((service, { path }) => service === 'kubernetes' && path.includes('well-known'))
    const { status, stdout, stderr } = await list()
    expect(status).toBe(0)
    expect(stdout).toMatch(/bare .* no credential\n.*web .* unknown\n$/)
    expect(warnings(stderr)).toEqual([expect.stringMatching(/^could not read the issuer of the cluster/)])
  })

  it('fails if the cluster cannot be read', async () => {
    deny(service => service === 'kubernetes')
    const { status, stdout, stderr } = await list()
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toMatch(/^Error: .*list the service accounts/m)
  })
})

describe('azwi serviceaccount list, without a login', () => {
  const noLogin = { AZURE_CLIENT_ID: undefined, AZURE_CLIENT_SECRET: undefined }

  it('shows what the cluster knows, warns, and sends no request to Azure', async () => {
    addAnnotated(test.sandbox.state, 'web', '00000000-0000-0000-0000-000000000001')
    const { status, stdout, stderr } = await test.azwi(['sa', 'list'], noLogin)
    expect(status, stderr).toBe(0)
    expect(lastLine(stdout)).toMatch(/web +00000000-0000-0000-0000-000000000001 +<unknown> +<unknown> +unknown/)
    expect(warnings(stderr)).toEqual([expect.stringMatching(/^could not read Azure: nobody is logged in.*az login/)])
    expect(
      test.sandbox.requests.filter(({ service, path }) => service !== 'kubernetes' && !path.startsWith('/metadata'))
    ).toEqual([])
  })

  it('fails if the chosen login is missing or refused', async () => {
    addAnnotated(test.sandbox.state, 'web', '00000000-0000-0000-0000-000000000001')
    expect((await test.azwi(['sa', 'list', '--auth-method', 'cli'], noLogin)).status).toBe(4)
    expect((await test.azwi(['sa', 'list'], { AZURE_CLIENT_SECRET: 'wrong' })).status).toBe(4)
  })

  it('shows applications in a tenant without a subscription', async () => {
    connectApplication(test.sandbox.state, 'web')
    const { status, stdout, stderr } = await test.azwi(['sa', 'list'], { AZURE_SUBSCRIPTION_ID: undefined })
    expect(status, stderr).toBe(0)
    expect(lastLine(stdout)).toMatch(/app\/default-web +1\/20 +<unknown> +unknown/)
    expect(warnings(stderr)).toEqual([
      expect.stringMatching(/^could not read managed identities and roles: no subscription/)
    ])
  })
})
