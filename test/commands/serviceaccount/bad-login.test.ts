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
const nobody = { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: '' }
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

describe('without a login, nothing is sent:', () => {
  const subscription = '11111111-2222-4333-8444-555555555555'
  const profile = JSON.stringify({
    subscriptions: [{ id: subscription, name: 'mine', tenantId: subscription.replace('1111', '9999'), isDefault: true }]
  })

  it('nobody is logged in to the Azure CLI', async () => {
    await expectRefusal([], { ...nobody, AZURE_CONFIG_DIR: folder('empty') }, 4, /az login/)
  })

  it('a home without ~/.azure', async () => {
    await expectRefusal([], { ...nobody, HOME: folder('empty-home') }, 4, /az login/)
  })

  it('az is not on the PATH', async () => {
    await expectRefusal(
      [],
      { ...nobody, AZURE_CONFIG_DIR: folder('profile', { 'azureProfile.json': profile }), PATH: folder('no-az') },
      4,
      /\(az\) is not on the PATH/
    )
  })

  it('phase sa, which would have to look up the client id', async () => {
    const { status, stderr } = await test.azwi(['sa', 'create', 'phase', 'sa', '--service-account-name', 'app'], {
      ...nobody,
      AZURE_CONFIG_DIR: folder('empty')
    })
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
    expect(status).toBe(4)
    expect(test.sandbox.requests).toEqual([])
  })

  it('delete phase ra by principal, with no subscription anywhere', async () => {
    const { status, stderr } = await test.azwi(['sa', 'delete', 'phase', 'ra', '--service-account-name', 'app'], {
      AZURE_SUBSCRIPTION_ID: undefined,
      AZURE_CONFIG_DIR: folder('empty')
    })
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]*--subscription-id[^\n]*\n$/)
    expect(status).toBe(2)
    expect(test.sandbox.requests).toEqual([])
  })
})

describe('a login that is only half given is refused:', () => {
  it('client_secret without a secret', async () => {
    await expectRefusal(
      ['--auth-method', 'client_secret'],
      { AZURE_CLIENT_SECRET: '' },
      2,
      /--client-secret.*\n.*AZURE_CLIENT_SECRET/
    )
  })

  it('client_secret without a client id', async () => {
    await expectRefusal(
      ['--auth-method', 'client_secret', '--client-secret', secret],
      { AZURE_CLIENT_ID: '' },
      2,
      /--client-id/
    )
  })

  it('an empty secret', async () => {
    await expectRefusal(['--client-secret', ''], {}, 2, /--client-secret is empty/)
  })

  it('client_certificate without a certificate', async () => {
    await expectRefusal(['--auth-method', 'client_certificate'], {}, 2, /--certificate-path/)
  })

  it('a secret where a client id belongs is not repeated', async () => {
    await expectRefusal(['--client-secret', secret, '--auth-method', 'nonsense'], {}, 2, 'nonsense')
  })
})

describe('a certificate is refused that', () => {
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
  const refused = (certificate: string, key: string | undefined, mention: string | RegExp) =>
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

  it('is not there', () => refused('missing.pem', undefined, /missing\.pem/))
  it('is no certificate', () => refused('nonsense.pem', 'key.pem', /nonsense\.pem/))
  it('is empty', () => refused('empty.pem', 'key.pem', /empty\.pem/))
  it('is a folder', () => refused('.', 'key.pem', /certificates/))
  it('comes without a key', () => refused('certificate.pem', undefined, /certificate\.pem/))
  it('has a key that is not there', () => refused('certificate.pem', 'missing.pem', /missing\.pem/))
  it('has a key that is none', () => refused('certificate.pem', 'nonsense.pem', /nonsense\.pem/))
  it('has a broken key', () => refused('certificate.pem', 'broken.pem', /broken\.pem/))
  it('has the key of another', () => refused('certificate.pem', 'other.pem', /other\.pem.*does not belong/))
  it.skipIf(process.getuid?.() === 0)('cannot be read', async () => {
    chmodSync(join(files(), 'certificate.pem'), 0)
    await refused('certificate.pem', 'key.pem', /certificate\.pem/)
  })
  it('is named, where it is not there, by the variable that named it', () =>
    expectRefusal(
      ['--auth-method', 'client_certificate'],
      { AZURE_CLIENT_CERTIFICATE_PATH: '/nonexistent/certificate.pem' },
      2,
      /AZURE_CLIENT_CERTIFICATE_PATH.*\/nonexistent/
    ))
})
