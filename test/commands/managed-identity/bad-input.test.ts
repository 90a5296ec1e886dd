import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { identityFlags, identityId } from '../../helpers/managed-identity.js'

const test = useFaultySandbox()
const guid = '11111111-2222-4333-8444-555555555555'
const id = identityId({ subscriptionId: guid } as Parameters<typeof identityId>[0])
const aks = ['--aks-cluster', 'c', '--aks-resource-group', 'g']

async function expectRefusal(words: readonly string[], mention: RegExp) {
  const { status, stdout, stderr } = await test.azwi(['sa', ...words])
  expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
  expect(stderr.split('\n')[0]).toMatch(mention)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(test.sandbox.requests).toEqual([])
}
const create = ['create', '--service-account-name', 'app']

describe('two kinds of identity are refused before any request:', () => {
  it.each([
    ['--aad-application-name', 'x'],
    ['--aad-application-client-id', guid],
    ['--aad-application-object-id', guid],
    ['--service-principal-name', 'x'],
    ['--service-principal-object-id', guid]
  ])('--managed-identity-name and %s', async (flag, value) => {
    await expectRefusal(
      [...create, ...identityFlags, flag, value, '--azure-role', 'Reader', '--azure-scope', 'sub:'],
      new RegExp(`--managed-identity-name.*${flag}`)
    )
  })

  it('--managed-identity-resource-id and --aad-application-name, in create and in delete', async () => {
    for (const verb of ['create', 'delete']) {
      await expectRefusal(
        [verb, '--service-account-name', 'app', '--managed-identity-resource-id', id, '--aad-application-name', 'x'],
        /--managed-identity-resource-id.*--aad-application-name/
      )
    }
  })

  it.each(['--managed-identity-name', '--managed-identity-resource-group'])(
    '%s with --managed-identity-resource-id',
    async flag => {
      await expectRefusal([...create, '--managed-identity-resource-id', id, flag, 'shared'], new RegExp(flag))
    }
  )
})

describe('incomplete flags are refused:', () => {
  it('a name without a group', async () => {
    await expectRefusal(
      [...create, '--managed-identity-name', 'shared'],
      /--managed-identity-resource-group is required/
    )
  })
  it('a group without a name', async () => {
    await expectRefusal([...create, '--managed-identity-resource-group', 'g'], /--managed-identity-name is required/)
  })
  it('a location without a name', async () => {
    await expectRefusal([...create, '--managed-identity-location', 'westeurope'], /--managed-identity-name is required/)
  })
  it('an AKS cluster without its group', async () => {
    await expectRefusal([...create, '--aks-cluster', 'c'], /--aks-resource-group is required/)
  })
  it('a group without its AKS cluster', async () => {
    await expectRefusal([...create, '--aks-resource-group', 'g'], /--aks-cluster is required/)
  })
  it('an issuer with an AKS cluster', async () => {
    await expectRefusal(
      [...create, ...aks, '--service-account-issuer-url', 'https://issuer.example/'],
      /--service-account-issuer-url and --aks-cluster/
    )
  })
  it('--wait in phase mi, which has no service account', async () => {
    const { status, stderr } = await test.azwi([
      'sa',
      'create',
      'phase',
      'mi',
      ...identityFlags,
      '--wait',
      '--service-account-name',
      'app'
    ])
    expect(stderr).not.toContain("unknown option '--service-account-name'")
    expect([0, 2]).toContain(status)
  })
})

describe('an invalid value is refused:', () => {
  it.each([
    ['--managed-identity-name', 'ab'],
    ['--managed-identity-name', '-abc'],
    ['--managed-identity-name', 'a b c'],
    ['--managed-identity-name', 'a'.repeat(129)],
    ['--managed-identity-name', 'a/b/c'],
    ['--managed-identity-resource-group', 'group.'],
    ['--managed-identity-resource-group', 'a/b'],
    ['--managed-identity-resource-group', 'a'.repeat(91)],
    ['--managed-identity-resource-group', ''],
    ['--managed-identity-location', 'west/europe'],
    ['--managed-identity-location', ''],
    ['--managed-identity-location', ' '],
    ['--managed-identity-tags', 'team'],
    ['--managed-identity-tags', '=blue'],
    ['--managed-identity-tags', ''],
    ['--managed-identity-tags', 'a=b,'],
    ['--managed-identity-tags', 'a<b=c'],
    ['--managed-identity-tags', `a=${'x'.repeat(257)}`],
    ['--managed-identity-tags', 'managed-by=somebody']
  ])('%s %j', async (flag, value) => {
    const rest = [
      ['--managed-identity-name', 'shared'],
      ['--managed-identity-resource-group', 'g']
    ]
      .filter(([name]) => name !== flag)
      .flat()
    await expectRefusal([...create, ...rest, flag, value], new RegExp(flag))
  })

  it.each([
    'shared',
    guid,
    `${id}/`,
    id.slice(1),
    id.replace(guid, 'nonsense'),
    id.replace('userAssignedIdentities', 'systemAssignedIdentities'),
    `${id}/federatedIdentityCredentials/x`,
    `${id} `,
    `${id}?x=y`,
    ''
  ])('--managed-identity-resource-id %j', async value => {
    await expectRefusal([...create, '--managed-identity-resource-id', value], /--managed-identity-resource-id/)
  })

  it.each(['a/b', 'c?x=y', 'c#d', '..', ' ', 'a'.repeat(64)])('--aks-cluster %j', async name => {
    await expectRefusal([...create, '--aks-cluster', name, '--aks-resource-group', 'g'], /--aks-cluster/)
  })
})
