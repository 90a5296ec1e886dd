import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { identityFlags, onlyManagedIdentity } from '../../helpers/managed-identity.js'
import { onlyApplication, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const address = (version: string) => `${test.sandbox.state.endpoints.arm}/metadata/endpoints?api-version=${version}`
const create = ['sa', 'create', '--service-account-name', 'app']
const calledServices = () => [...new Set(test.sandbox.requests.map(({ service }) => service))].toSorted()

describe('a cloud that is described by a metadata document', () => {
  it.each(['2015-01-01', '2019-05-01', '2022-09-01'])(
    'is read in the format %s, from a flag or a variable, for a managed identity',
    async version => {
      for (const [more, environment] of [
        [['--azure-env-metadata-url', address(version)], { ARM_CLOUD_METADATA_URL: undefined }],
        [[], { ARM_CLOUD_METADATA_URL: address(version) }]
      ] as const) {
        const { status, stderr } = await test.azwi([...create, ...identityFlags, ...more], environment)
        expect(status, stderr).toBe(0)
      }
      expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toMatchObject([
        { audiences: ['api://AzureADTokenExchange'] }
      ])
      expect(calledServices()).toEqual(['arm', 'entra', 'kubernetes'])
    }
  )

  it('is read once, and the flag overrides the variable', async () => {
    const { status, stderr } = await test.azwi([...create, '--azure-env-metadata-url', address('2022-09-01')], {
      ARM_CLOUD_METADATA_URL: 'https://nowhere.invalid/'
    })
    expect(status, stderr).toBe(0)
    expect(test.sandbox.requests.filter(({ path }) => path === '/metadata/endpoints')).toHaveLength(1)
  })

  it('uses --audience for the credential', async () => {
    const { status, stderr } = await test.azwi([...create, '--audience', 'api://Mine'])
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([
      { audiences: ['api://Mine'] }
    ])
  })

  it.each([
    ['that does not exist', { status: 404, body: {} }],
    ['that is not JSON', { status: 200, body: 'nonsense' }],
    ['that names no login', { status: 200, body: { name: 'x' } }],
    ['that is a list without the cloud', { status: 200, body: [{ name: 'a' }, { name: 'b' }] }]
  ])('is an error with its address and a hint, without another request: %s', async (_, answer) => {
    test.fault(async (request, _service, next) => (request.path === '/metadata/endpoints' ? answer : next()))
    const { status, stderr } = await test.azwi([...create, ...identityFlags])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*\/metadata\/endpoints/m)
    expect(stderr).toMatch(/^Hint: /m)
    expect(stderr).not.toContain('should not have happened')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is an error if its host cannot be reached', async () => {
    const { status, stderr } = await test.azwi([
      ...create,
      ...identityFlags,
      '--azure-env-metadata-url',
      'https://127.0.0.1:1/metadata/endpoints'
    ])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*127\.0\.0\.1:1.*could not be reached.*\nHint: /m)
  })

  it.each(['http://management.azure.com/', 'management.azure.com', 'ftp://x/', ''])(
    'is refused before any request if its URL is %j',
    async url => {
      const { status, stderr } = await test.azwi([...create, '--azure-env-metadata-url', url])
      expect(status).toBe(2)
      expect(stderr).toMatch(/^Error: --azure-env-metadata-url [^\n]+\nHint: [^\n]+\n$/)
      expect(test.sandbox.requests).toEqual([])
    }
  )

  it.each(['', 'a b', `api://${'x'.repeat(600)}`])('refuses --audience %j before any request', async audience => {
    const { status, stderr } = await test.azwi([...create, '--audience', audience])
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: --audience [^\n]+\nHint: [^\n]+\n$/)
    expect(test.sandbox.requests).toEqual([])
  })
})
