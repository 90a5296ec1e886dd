import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'

const test = useFaultySandbox()
const name = ['--service-account-name', 'app']
const guid = '11111111-2222-4333-8444-555555555555'
const assignment = `/providers/Microsoft.Authorization/roleAssignments/${guid}`

/** Expects one line that names the value, a hint, exit code 2, and no request. */
async function expectRefusal(
  words: readonly string[],
  mention: string | RegExp,
  environment: Record<string, string | undefined> = {}
) {
  const { status, stdout, stderr } = await test.azwi(['sa', ...words], environment)
  expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
  expect(stderr.split('\n')[0]).toMatch(mention)
  expect(stderr).not.toContain('\u001b')
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(test.sandbox.requests).toEqual([])
}

describe('azwi serviceaccount create refuses', () => {
  it.each([
    ['--service-account-name', 'App'],
    ['--service-account-name', 'a_b'],
    ['--service-account-name', '-a'],
    ['--service-account-name', 'a..b'],
    ['--service-account-name', ''],
    ['--service-account-name', 'a'.repeat(254)],
    ['--service-account-name', 'a\nb'],
    ['--service-account-name', 'a\u001b[31mb'],
    ['--service-account-namespace', 'kube.system'],
    ['--service-account-namespace', 'Default'],
    ['--service-account-namespace', 'a'.repeat(64)],
    ['--service-account-issuer-url', 'http://issuer.example/'],
    ['--service-account-issuer-url', 'issuer.example'],
    ['--service-account-issuer-url', ' https://issuer.example/'],
    ['--service-account-issuer-url', 'https://issuer.example/ '],
    ['--service-account-issuer-url', 'https://issuer.example/\n'],
    ['--service-account-issuer-url', 'https://issuer.example/?a=b'],
    ['--service-account-issuer-url', 'https://issuer.example/#x'],
    ['--service-account-issuer-url', 'https://'],
    ['--service-account-issuer-url', 'https://user:pw@issuer.example/'],
    ['--service-account-issuer-url', 'https://issuer.example/.well-known/openid-configuration'],
    ['--service-account-token-expiration', '59m'],
    ['--service-account-token-expiration', '25h'],
    ['--service-account-token-expiration', 'abc'],
    ['--service-account-token-expiration', '-1h'],
    ['--service-account-token-expiration', '3599'],
    ['--service-account-token-expiration', '86401'],
    ['--service-account-token-expiration', '1 h'],
    ['--service-account-token-expiration', '1d'],
    ['--service-account-token-expiration', ''],
    ['--service-account-token-expiration', '1e4'],
    ['--service-account-token-expiration', 'NaN'],
    ['--aad-application-name', ' '],
    ['--aad-application-name', 'a'.repeat(257)],
    ['--aad-application-client-id', 'nonsense'],
    ['--aad-application-client-id', `{${guid}}`],
    ['--aad-application-object-id', ''],
    ['--service-principal-object-id', `${guid}0`],
    ['--azure-env', 'AzureMoonCloud'],
    ['--auth-method', 'password'],
    ['--subscription-id', 'my subscription'],
    ['-s', 'nonsense'],
    ['--client-id', 'nonsense'],
    ['--skip-phases', 'nonsense']
  ])('%s %j', async (flag, value) => {
    const shown = value.trim().split('\n')[0]!.slice(0, 40)
    await expectRefusal(
      ['create', ...name, flag, value],
      shown.includes('\u001b')
        ? /^Error: --service-account-name/
        : new RegExp(shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    )
  })

  it.each([
    'azwi/set=shop',
    'azwi/anything=x',
    'azwi/=x',
    'team=blue,azwi/set=shop',
    'app.kubernetes.io/managed-by=azwi',
    'app.kubernetes.io/managed-by=helm'
  ])('--labels %j, which azwi sets itself', async labels => {
    await expectRefusal(['create', ...name, '--labels', labels], 'azwi sets')
    await expectRefusal(['create', 'phase', 'service-account', ...name, '--labels', labels], 'azwi sets')
  })

  it.each([
    'subscriptions/x',
    '/subscriptions/nonsense',
    'Reader',
    `/subscriptions/${guid}/`,
    '',
    ` /subscriptions/${guid}`,
    '/subscriptions/'
  ])('--azure-scope %j', async scope => {
    await expectRefusal(['create', ...name, '--azure-role', 'Reader', '--azure-scope', scope], '--azure-scope')
  })

  it('an unknown flag, and suggests a similar one', async () => {
    await expectRefusal(['create', '--service-acount-name', 'app'], /--service-acount-name.*--service-account-name/)
  })

  it.each([
    ['create', []],
    ['create', ['phase', 'app']],
    ['create', ['phase', 'fi', '--aad-application-client-id', guid]],
    ['create', ['phase', 'ra', '--azure-role', 'Reader', '--azure-scope', `/subscriptions/${guid}`]],
    ['create', ['--skip-phases', 'app,sa,fi', '--azure-role', 'Reader', '--azure-scope', `/subscriptions/${guid}`]],
    ['delete', []],
    ['delete', ['phase', 'app']],
    ['delete', ['phase', 'ra']],
    ['delete', ['phase', 'sa']]
  ] as const)('no name of a service account: %s %j', async (verb, words) => {
    await expectRefusal([verb, ...words], '--service-account-name')
  })

  it.each([
    ['AZURE_SUBSCRIPTION_ID', 'nonsense'],
    ['AZURE_TENANT_ID', 'nonsense'],
    ['AZURE_CLIENT_ID', 'nonsense']
  ])('%s=%s, and names the variable', async (variable, value) => {
    await expectRefusal(['create', ...name], new RegExp(`${variable}.*${value}`), { [variable]: value })
  })

  it('an ARM_CLOUD_METADATA_URL that is not a URL', async () => {
    await expectRefusal(
      ['create', ...name, '--azure-role', 'Reader', '--azure-scope', `/subscriptions/${guid}`],
      /ARM_CLOUD_METADATA_URL.*nonsense/,
      { ARM_CLOUD_METADATA_URL: 'nonsense' }
    )
  })
})

describe('azwi serviceaccount refuses --detailed-exitcode without --dry-run', () => {
  it.each([
    ['create', ...name],
    ['create', 'phase', 'app', ...name],
    ['delete', ...name],
    ['apply', '-f', '-']
  ])('%s', async (...words) => {
    await expectRefusal([...words, '--detailed-exitcode'], /--detailed-exitcode.*--dry-run/)
  })
})

describe('azwi serviceaccount delete refuses', () => {
  it.each([
    'nonsense',
    guid,
    `/subscriptions/${guid}${assignment}x`,
    `nonsense${assignment}`,
    `/subscriptions/${guid}${assignment.slice(0, -36)}${'-'.repeat(36)}`,
    ''
  ])('--role-assignment-id %j', async id => {
    await expectRefusal(['delete', 'phase', 'ra', '--role-assignment-id', id], '--role-assignment-id')
  })
})

describe('azwi serviceaccount refuses a kubeconfig', () => {
  const noCluster = (path: string) => expectRefusal(['delete', ...name], path, { KUBECONFIG: path })

  it('that does not exist', async () => {
    await noCluster('/nonexistent/kubeconfig')
  })

  it('if neither KUBECONFIG nor ~/.kube/config exists', async () => {
    await expectRefusal(['delete', ...name], 'kubeconfig', { KUBECONFIG: undefined, HOME: test.directory })
  })

  it.each([
    ['without a current context', 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n'],
    [
      'whose current context does not exist',
      'apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\ncurrent-context: gone\n'
    ],
    ['that is not YAML', '{{{'],
    ['that is empty', ''],
    ['that is a list', '- a\n- b\n']
  ])('%s', async (_, text) => {
    const path = join(test.directory, 'bad-kubeconfig')
    writeFileSync(path, text)
    await noCluster(path)
  })

  it('that is a folder', async () => {
    const path = join(test.directory, 'folder')
    mkdirSync(path, { recursive: true })
    await noCluster(path)
  })
})
