import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../helpers/binary.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { writes } from '../helpers/world.js'

const test = useFaultySandbox()
const words = (method: string, ...more: readonly string[]) => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  ...identityFlags,
  '--auth-method',
  method,
  ...more
]
const nobody = { AZURE_CLIENT_ID: undefined, AZURE_CLIENT_SECRET: undefined }
const armToken = () => {
  const { accessTokens, operator, endpoints } = test.sandbox.state
  return accessTokens.issue({ appId: operator.clientId, objectId: operator.objectId }, endpoints.arm)
}
const bin = () => {
  const path = join(test.directory, 'bin')
  mkdirSync(path, { recursive: true })
  return path
}

describe('--auth-method managed_identity', () => {
  it('asks the endpoint of the machine that it runs on', async () => {
    const token = await armToken()
    const asked: URLSearchParams[] = []
    const server = createServer((request, response) => {
      asked.push(new URL(request.url ?? '', 'http://x').searchParams)
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          access_token: token,
          expires_on: String(Math.floor(Date.now() / 1000) + 7200),
          resource: 'x',
          token_type: 'Bearer',
          client_id: 'x'
        })
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`
    const { status, stderr } = await run(words('managed_identity'), {
      ...test.environment,
      ...nobody,
      IDENTITY_ENDPOINT: endpoint,
      IDENTITY_HEADER: 'header',
      HTTPS_PROXY: undefined
    })
    server.close()
    expect(status, stderr).toBe(0)
    expect(asked[0]?.get('resource')).toBe(test.sandbox.state.endpoints.arm)
    expect(stderr).not.toContain(token)
  })
})

describe('--auth-method default', () => {
  it('takes what the SDK finds in the environment', async () => {
    const { status, stderr } = await run(words('default'), { ...test.environment })
    expect(status, stderr).toBe(0)
  })
})

describe('--auth-method azd', () => {
  it('takes the token of the Azure Developer CLI', async () => {
    const token = await armToken()
    writeFileSync(
      join(bin(), 'azd'),
      `#!${process.execPath}\nconsole.log(JSON.stringify({ token: ${JSON.stringify(token)}, expiresOn: new Date(Date.now() + 3600000).toISOString() }))\n`
    )
    chmodSync(join(bin(), 'azd'), 0o755)
    const { status, stderr } = await run(words('azd'), {
      ...test.environment,
      ...nobody,
      PATH: `${bin()}:/usr/bin:/bin`
    })
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain(token)
  })

  it('that nobody is logged in to ends with 4 and the line that logs in', async () => {
    writeFileSync(
      join(bin(), 'azd'),
      `#!${process.execPath}\nprocess.stderr.write('ERROR: not logged in, run \`azd auth login\` to login\\n'); process.exit(1)\n`
    )
    chmodSync(join(bin(), 'azd'), 0o755)
    const { status, stderr } = await run(words('azd'), {
      ...test.environment,
      ...nobody,
      PATH: `${bin()}:/usr/bin:/bin`
    })
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(
      new RegExp(`^Error: .*\nHint: azd auth login --tenant-id ${test.sandbox.state.tenantId}`, 'm')
    )
    expect(writes(test.sandbox)).toEqual([])
  })

  it('that is not installed ends with 4 before anything is sent', async () => {
    const { status, stderr } = await test.azwi(words('azd'), { ...nobody, PATH: '/nonexistent' })
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: [^\n]*\(azd\) is not on the PATH\nHint: [^\n]*azd-install[^\n]*\n$/)
    expect(test.sandbox.requests).toEqual([])
  })
})
