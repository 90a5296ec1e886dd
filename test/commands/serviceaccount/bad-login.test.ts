import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { preparedKey } from '../../helpers/keys.js'
import { type CertificateAndKey, selfSignedCertificate } from '../../helpers/certificate.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'

const test = useFaultySandbox()
const create = [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  '/subscriptions/11111111-2222-4333-8444-555555555555'
]
const noLogin = { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: '' }
const secret = 'a-Secret~That.Must_Not_Show'

async function expectRefusal(
  words: readonly string[],
  environment: Record<string, string | undefined>,
  status: number,
  mention: string | RegExp
) {
  const outcome = await test.azwi([...create, ...words], environment)
  expect(outcome.stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
  expect(outcome.stderr).toMatch(mention)
  expect(outcome.stderr).not.toContain(secret)
  expect(outcome).toMatchObject({ status, stdout: '' })
  expect(test.sandbox.requests).toEqual([])
}

function folder(name: string, files: Readonly<Record<string, string>> = {}): string {
  const path = join(test.directory, name)
  mkdirSync(path, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}

describe('azwi sends no request', () => {
  const subscription = '11111111-2222-4333-8444-555555555555'
  const profile = JSON.stringify({
    subscriptions: [{ id: subscription, name: 'mine', tenantId: subscription.replace('1111', '9999'), isDefault: true }]
  })

  it('if nobody is logged in to the Azure CLI', async () => {
    await expectRefusal([], { ...noLogin, AZURE_CONFIG_DIR: folder('empty') }, 4, /az login/)
  })

  it('if the home directory has no ~/.azure', async () => {
    await expectRefusal([], { ...noLogin, HOME: folder('empty-home') }, 4, /az login/)
  })

  it('if az is not on the PATH', async () => {
    await expectRefusal(
      [],
      { ...noLogin, AZURE_CONFIG_DIR: folder('profile', { 'azureProfile.json': profile }), PATH: folder('no-az') },
      4,
      /\(az\) is not on the PATH/
    )
  })

  it('for phase sa, which needs the client ID, without a login', async () => {
    const { status, stderr } = await test.azwi(['sa', 'create', 'phase', 'sa', '--service-account-name', 'app'], {
      ...noLogin,
      AZURE_CONFIG_DIR: folder('empty')
    })
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
    expect(status).toBe(4)
    expect(test.sandbox.requests).toEqual([])
  })

  it('for delete phase ra by principal, without a subscription', async () => {
    const { status, stderr } = await test.azwi(['sa', 'delete', 'phase', 'ra', '--service-account-name', 'app'], {
      AZURE_SUBSCRIPTION_ID: undefined,
      AZURE_CONFIG_DIR: folder('empty')
    })
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]*--subscription-id[^\n]*\n$/)
    expect(status).toBe(2)
    expect(test.sandbox.requests).toEqual([])
  })
})

describe('azwi sends no request to a cloud that', () => {
  const subscription = '11111111-2222-4333-8444-555555555555'
  const commands = [
    create,
    ['sa', 'delete', '--service-account-name', 'app'],
    ['sa', 'list'],
    ['sa', 'get', 'app'],
    ['doctor', 'app'],
    ['sa', 'create', 'phase', 'app', '--service-account-name', 'app']
  ]

  it.each(commands.map(words => [words.slice(0, 4).join(' '), words]))(
    'is not known by its AZURE_AUTHORITY_HOST: %s',
    async (_, words) => {
      const environment = {
        ARM_CLOUD_METADATA_URL: undefined,
        AZURE_AUTHORITY_HOST: 'https://login.sovcloud-identity.fr/'
      }
      for (const login of [{}, noLogin]) {
        const { status, stderr } = await test.azwi(words, { ...environment, ...login })
        expect(stderr).toMatch(/^Error: AZURE_AUTHORITY_HOST "[^\n]+\nHint: [^\n]*ARM_CLOUD_METADATA_URL[^\n]*\n$/)
        expect({ status, requests: test.sandbox.requests }).toEqual({ status: 2, requests: [] })
      }
    }
  )

  it.each(commands.map(words => [words.slice(0, 4).join(' '), words]))(
    'is not the one of the Azure CLI, with its login: %s',
    async (_, words) => {
      const files = { 'azureProfile.json': JSON.stringify({ subscriptions: [{ id: subscription, isDefault: true }] }) }
      const { status, stderr } = await test.azwi(words, {
        ...noLogin,
        ARM_CLOUD_METADATA_URL: undefined,
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
        AZURE_CONFIG_DIR: folder('public', { ...files, config: '[cloud]\nname = AzureCloud\n' })
      })
      expect(stderr).toMatch(
        /^Error: AZURE_AUTHORITY_HOST selects AzureUSGovernmentCloud [^\n]+ AzureCloud [^\n]+\nHint: az cloud set [^\n]+\n$/
      )
      expect({ status, requests: test.sandbox.requests }).toEqual({ status: 2, requests: [] })
    }
  )
})

describe('azwi refuses an incomplete login', () => {
  it('with client_secret and no secret', async () => {
    await expectRefusal(
      ['--auth-method', 'client_secret'],
      { AZURE_CLIENT_SECRET: '' },
      2,
      /--client-secret.*\n.*AZURE_CLIENT_SECRET/
    )
  })

  it('with client_secret and no client ID', async () => {
    await expectRefusal(
      ['--auth-method', 'client_secret', '--client-secret', secret],
      { AZURE_CLIENT_ID: '' },
      2,
      /--client-id/
    )
  })

  it('with an empty secret', async () => {
    await expectRefusal(['--client-secret', ''], {}, 2, /--client-secret is empty/)
  })

  it('with client_certificate and no certificate', async () => {
    await expectRefusal(['--auth-method', 'client_certificate'], {}, 2, /--certificate-path/)
  })

  it('and does not repeat the secret in the error', async () => {
    await expectRefusal(['--client-secret', secret, '--auth-method', 'nonsense'], {}, 2, 'nonsense')
  })
})

describe('azwi refuses a client certificate', () => {
  let pair: CertificateAndKey
  let other: CertificateAndKey
  beforeAll(async () => {
    ;[pair, other] = await Promise.all([selfSignedCertificate(), selfSignedCertificate(preparedKey(1))])
  })

  const files = () =>
    folder('certificates', {
      'certificate.pem': pair.certificate,
      'key.pem': pair.key,
      'other.pem': other.key,
      'nonsense.pem': 'nonsense',
      'empty.pem': '',
      'both.pem': pair.certificate + pair.key,
      'broken.pem': pair.key.replace(/\n.{60}/, '\nAAAA')
    })
  const expectCertificateRefusal = (certificate: string, key: string | undefined, mention: string | RegExp) =>
    expectRefusal(
      [
        '--auth-method',
        'client_certificate',
        '--certificate-path',
        join(files(), certificate),
        ...(key === undefined ? [] : ['--private-key-path', join(files(), key)])
      ],
      {},
      2,
      mention
    )

  it('that does not exist', () => expectCertificateRefusal('missing.pem', undefined, /missing\.pem/))
  it('that is not a certificate', () => expectCertificateRefusal('nonsense.pem', 'key.pem', /nonsense\.pem/))
  it('that is empty', () => expectCertificateRefusal('empty.pem', 'key.pem', /empty\.pem/))
  it('that is a folder', () => expectCertificateRefusal('.', 'key.pem', /certificates/))
  it('without a key', () => expectCertificateRefusal('certificate.pem', undefined, /certificate\.pem/))
  it('with a key that does not exist', () => expectCertificateRefusal('certificate.pem', 'missing.pem', /missing\.pem/))
  it('with a key file that contains no key', () =>
    expectCertificateRefusal('certificate.pem', 'nonsense.pem', /nonsense\.pem/))
  it('with a corrupt key', () => expectCertificateRefusal('certificate.pem', 'broken.pem', /broken\.pem/))
  it('with the key of another certificate', () =>
    expectCertificateRefusal('certificate.pem', 'other.pem', /other\.pem.*does not belong/))
  it.skipIf(process.getuid?.() === 0)('without permission to read it', async () => {
    chmodSync(join(files(), 'certificate.pem'), 0)
    await expectCertificateRefusal('certificate.pem', 'key.pem', /certificate\.pem/)
  })
  it('that does not exist, and names the variable with its path', () =>
    expectRefusal(
      ['--auth-method', 'client_certificate'],
      { AZURE_CLIENT_CERTIFICATE_PATH: '/nonexistent/certificate.pem' },
      2,
      /AZURE_CLIENT_CERTIFICATE_PATH.*\/nonexistent/
    ))
})
