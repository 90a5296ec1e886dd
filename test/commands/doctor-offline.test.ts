import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { azwi } from '../helpers/azwi.js'
import { connectApplication, connectManagedIdentity, subjectOf } from '../helpers/connected.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { issuerOf } from '../helpers/state.js'

const test = useFaultySandbox()
const now = (): number => Math.floor(Date.now() / 1000)

/** Returns a token as a cluster issues it, except for the signature, which azwi does not verify. */
function token(claims: object = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const standard = {
    iss: 'https://oidc.example/',
    sub: subjectOf('web'),
    aud: ['api://AzureADTokenExchange'],
    iat: now() - 60,
    nbf: now() - 60,
    exp: now() + 3540
  }
  return `${part({ alg: 'RS256', kid: 'key-1' })}.${part({ ...standard, ...claims })}.c2lnbmF0dXJl`
}
const checkToken = (text: string, ...words: readonly string[]) =>
  azwi(test.environment, ['doctor', '--token-file', '-', ...words], text)

describe('azwi doctor --token-file', () => {
  it('describes a token without a request, and does not print it', async () => {
    const { status, stdout, stderr } = await checkToken(`${token()}\n`)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(
      /^token of the service account default\/web\n├── issuer https:\/\/oidc\.example\/\n├── subject system:serviceaccount:default:web\n├── audience api:\/\/AzureADTokenExchange \(AzurePublicCloud\)\n├── key key-1, RS256\n├── issued 20\S+Z\n└── expires 20\S+Z, in (?:59m0s|58m\d+s) \(lives 1h0m0s\)\n$/
    )
    expect(test.sandbox.requests).toEqual([])
  })

  it('reads a file', async () => {
    const file = join(test.directory, 'token')
    writeFileSync(file, token())
    expect((await azwi({}, ['doctor', '--token-file', file])).status).toBe(0)
  })

  it('exits with 1 if Entra would refuse the token, and gives the reason first', async () => {
    const { status, stdout } = await checkToken(token({ exp: now() - 10 }))
    expect(status).toBe(1)
    expect(stdout).toMatch(/^token of the service account default\/web\n├── ✗ it expired at .*AADSTS700024/)
    expect(stdout).not.toContain(', in ')
  })

  it('names the credential of an application that accepts it', async () => {
    const { state } = test.sandbox
    const { application } = connectApplication(state, 'web')
    const words = ['--aad-application-client-id', application.appId]
    const { status, stdout } = await checkToken(token({ iss: issuerOf(state) }), ...words)
    expect(stdout).toMatch(/└── ✓ the credential web-credential of the application "default-web" accepts it\n$/)
    expect(status).toBe(0)
    const data = JSON.parse(
      (await checkToken(token({ iss: issuerOf(state) }), ...words, '-o', 'json')).stdout
    ) as object
    expect(data).toMatchObject({
      token: {
        issuer: issuerOf(state),
        subject: subjectOf('web'),
        serviceAccount: { namespace: 'default', name: 'web' },
        audiences: ['api://AzureADTokenExchange'],
        keyId: 'key-1',
        algorithm: 'RS256',
        problems: []
      },
      accepting: {
        name: 'web-credential',
        issuer: issuerOf(state),
        subject: subjectOf('web'),
        audiences: ['api://AzureADTokenExchange']
      }
    })
    expect(data).not.toHaveProperty('nearest')
  })

  it.each(['--managed-identity-resource-id', '--aad-application-client-id'] as const)(
    'shows how the nearest credential of a managed identity differs (%s)',
    async flag => {
      const { state } = test.sandbox
      const identity = connectManagedIdentity(state, 'web')
      const words = [flag, flag === '--aad-application-client-id' ? identity.clientId : identity.id]
      const { status, stdout } = await checkToken(token({ iss: issuerOf(state).replace(/\/$/, '') + '/x' }), ...words)
      expect(status).toBe(1)
      expect(stdout).toContain(
        '└── ✗ no credential of the managed identity "web" accepts it; nearest is own\n    └── issuer differs\n        ├── token\'s:      '
      )
      const { stdout: json } = await checkToken(token({ iss: 'https://else.example' }), ...words, '-o', 'json')
      expect(JSON.parse(json)).toMatchObject({
        accepting: null,
        nearest: {
          credential: { name: 'own' },
          differences: [{ field: 'issuer', token: 'https://else.example', credential: issuerOf(state) }]
        }
      })
    }
  )

  it('accepts a custom audience if a credential has it', async () => {
    const { state } = test.sandbox
    const { application } = connectApplication(state, 'web')
    application.federatedIdentityCredentials[0]!.audiences = ['api://own']
    expect((await checkToken(token({ aud: 'api://own' }))).status).toBe(1)
    expect(
      await checkToken(
        token({ iss: issuerOf(state), aud: 'api://own' }),
        '--aad-application-client-id',
        application.appId
      )
    ).toMatchObject({ status: 0, stdout: expect.not.stringContaining('✗') as string })
  })

  it('reports an unknown client ID', async () => {
    const id = '00000000-0000-4000-8000-000000000001'
    const { status, stdout, stderr } = await checkToken(token(), '--aad-application-client-id', id)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(
      `Error: no application and no managed identity has the client id ${id}\nHint: see: az ad sp show --id ${id}\n`
    )
  })

  it('reports that it must not read the credentials', async () => {
    const { application } = connectApplication(test.sandbox.state, 'web')
    test.fault(async (_, service, next) =>
      service === 'graph'
        ? { status: 403, body: { error: { code: 'Authorization_RequestDenied', message: 'No.' } } }
        : next()
    )
    const { status, stderr } = await checkToken(token(), '--aad-application-client-id', application.appId)
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: the credentials of \S+ could not be read\n/m)
    expect(stderr).toMatch(/^ {2}applications: .*403/m)
  })
})

describe('azwi doctor --error', () => {
  const text =
    "AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:shop:web'."

  it('explains the error, with the next commands to paste', async () => {
    const { status, stdout, stderr } = await azwi({}, ['doctor', '--error', text])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(
      /^AADSTS700213: no credential .*\n {4}Mostly because: .*\n {4}It may pass: .*\n {4}It names:\n {8}subject system:serviceaccount:shop:web\n {4}It does not say:\n {8}.*client id/
    )
    expect(stdout).toMatch(/^ {8}azwi doctor (?:-n|--namespace) shop web$/m)
  })

  it('prints JSON and names', async () => {
    const data = JSON.parse((await azwi({}, ['doctor', '--error', text, '-o', 'json'])).stdout) as object
    expect(data).toMatchObject({
      code: 'AADSTS700213',
      facts: { subject: 'system:serviceaccount:shop:web' },
      needs: [expect.any(String), expect.any(String)],
      next: [expect.any(String), expect.any(String)]
    })
    expect((await azwi({}, ['doctor', '--error', text, '-o', 'name'])).stdout).toBe('error/AADSTS700213\n')
  })

  it('links to the description of an unknown error', async () => {
    expect((await azwi({}, ['doctor', '--error', 'AADSTS1234567: ?'])).stdout).toMatch(
      /^AADSTS1234567: azwi does not know this error\n[\s\S]*https:\/\/login\.microsoftonline\.com\/error\?code=1234567\n/
    )
  })
})

describe('wrong usage', () => {
  it.each([
    [['--token-file', 'f', 'web'], /--token-file does not go with web\nHint: azwi doctor --token-file f\n/],
    [['--token-file', 'f', '-A', '--pod', 'p'], /--token-file does not go with --all-namespaces, --pod\n/],
    [['--token-file', 'f', '--error', 'AADSTS1'], /--token-file does not go with --error\n/],
    [
      ['--error', 'AADSTS1', '-n', 'shop', '--strict'],
      /--error does not go with --namespace, --strict\nHint: azwi doctor --error '<text>'\n/
    ],
    [['--error', 'AADSTS1', '-o', 'junit'], /-o junit is for reports.*\nHint: azwi doctor --error '<text>' -o json\n/],
    [['--error', 'it does not work'], /no error of Entra's/],
    [['--token-file', '/nowhere'], /"\/nowhere" cannot be read: ENOENT\nHint: see: ls -l \/nowhere/],
    [
      ['web', '--aad-application-client-id', '00000000-0000-4000-8000-000000000001'],
      /--aad-application-client-id has no meaning without --token-file\n/
    ],
    [['--token-file', 'f', '--aad-application-client-id', 'x'], /--aad-application-client-id "x" is not a GUID/]
  ])('%j', async (words, mention) => {
    const { status, stdout, stderr } = await azwi({}, ['doctor', ...words])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(mention)
  })

  it('does not print a text that is not a token', async () => {
    const { status, stdout, stderr } = await azwi({}, ['doctor', '--token-file', '-'], 'a-secret-that-is-no-token')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).not.toContain('a-secret')
  })
})
