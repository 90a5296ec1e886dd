import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { identityFlags, onlyManagedIdentity } from '../../helpers/managed-identity.js'
import { onlyApplication, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const address = (version: string) => `${test.sandbox.state.endpoints.arm}/metadata/endpoints?api-version=${version}`
const create = ['sa', 'create', '--service-account-name', 'app']
const asked = () => [...new Set(test.sandbox.requests.map(({ service }) => service))].toSorted()

describe('a cloud by its metadata document', () => {
  it.each(['2015-01-01', '2019-05-01', '2022-09-01'])(
    'in the shape of %s, by flag or variable, is enough for a managed identity',
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
      expect(asked()).toEqual(['arm', 'entra', 'kubernetes'])
    }
  )

  it('is asked for once, and the flag comes before the variable', async () => {
    const { status, stderr } = await test.azwi([...create, '--azure-env-metadata-url', address('2022-09-01')], {
      ARM_CLOUD_METADATA_URL: 'https://nowhere.invalid/'
    })
    expect(status, stderr).toBe(0)
    expect(test.sandbox.requests.filter(({ path }) => path === '/metadata/endpoints')).toHaveLength(1)
  })

  it('lends --audience to the credential', async () => {
    const { status, stderr } = await test.azwi([...create, '--audience', 'api://Mine'])
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toMatchObject([
      { audiences: ['api://Mine'] }
    ])
  })

  it.each([
    ['that is not there', { status: 404, body: {} }],
    ['that is no JSON', { status: 200, body: 'nonsense' }],
    ['that names no login', { status: 200, body: { name: 'x' } }],
    ['that is a list without the cloud', { status: 200, body: [{ name: 'a' }, { name: 'b' }] }]
  ])('%s is an error that names its address, with a hint, and nothing else is asked', async (_, answer) => {
    test.fault(async (request, _service, next) => (request.path === '/metadata/endpoints' ? answer : next()))
    const { status, stderr } = await test.azwi([...create, ...identityFlags])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*\/metadata\/endpoints/m)
    expect(stderr).toMatch(/^Hint: /m)
    expect(stderr).not.toContain('should not have happened')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('whose host is not there is an error in words', async () => {
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
    'is refused as %j before anything is sent',
    async url => {
      const { status, stderr } = await test.azwi([...create, '--azure-env-metadata-url', url])
      expect(status).toBe(2)
      expect(stderr).toMatch(/^Error: --azure-env-metadata-url [^\n]+\nHint: [^\n]+\n$/)
      expect(test.sandbox.requests).toEqual([])
    }
  )

  it.each(['', 'a b', `api://${'x'.repeat(600)}`])(
    '--audience %j is refused before anything is sent',
    async audience => {
      const { status, stderr } = await test.azwi([...create, '--audience', audience])
      expect(status).toBe(2)
      expect(stderr).toMatch(/^Error: --audience [^\n]+\nHint: [^\n]+\n$/)
      expect(test.sandbox.requests).toEqual([])
    }
  )
})
