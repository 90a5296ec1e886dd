import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readAzureCliProfile } from '../../src/config/azure-cli-profile.js'

const root = mkdtempSync(join(tmpdir(), 'azwi-profile-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})
const [one, two] = ['11111111-2222-4333-8444-555555555555', 'aaaaaaaa-2222-4333-8444-555555555555'] as const

async function selected(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  const directory = mkdtempSync(join(root, 'azure-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return (await readAzureCliProfile({ AZURE_CONFIG_DIR: directory })).selected?.id
}
const profile = (...subscriptions: readonly unknown[]) => JSON.stringify({ subscriptions })

describe('the subscription that the Azure CLI has selected', () => {
  it.each([
    [
      'the default subscription',
      { 'azureProfile.json': profile({ id: one, isDefault: false }, { id: two, isDefault: true }) },
      two
    ],
    [
      'the default subscription after a byte order mark',
      { 'azureProfile.json': `\uFEFF${profile({ id: two, isDefault: true })}` },
      two
    ],
    ['the ID in lower case', { 'azureProfile.json': profile({ id: two.toUpperCase(), isDefault: true }) }, two],
    [
      'the subscription of the selected cloud',
      {
        'clouds.config': `[AzureCloud]\nsubscription = ${one}\n[Mine]\nsubscription = ${two}\n`,
        config: '[cloud]\nname = Mine\n'
      },
      two
    ],
    ['the subscription of AzureCloud', { 'clouds.config': `[AzureCloud]\nsubscription = ${one}\n` }, one],
    ['none without files', {}, undefined],
    ['none if the file is not JSON', { 'azureProfile.json': 'nonsense' }, undefined],
    ['none without a default', { 'azureProfile.json': profile({ id: one, isDefault: false }) }, undefined],
    [
      'none if the ID is not a GUID',
      {
        'azureProfile.json': profile({ id: 'nonsense', isDefault: true }),
        'clouds.config': '[AzureCloud]\nsubscription = nonsense\n'
      },
      undefined
    ]
  ])('is %s', async (_, files, id) => {
    expect(await selected(files)).toBe(id)
  })

  it.each(['null', '[]', '7', '{"subscriptions":null}', '{"subscriptions":{}}', '{"subscriptions":[null]}'])(
    'is none, without an error, if the profile is %s',
    async text => {
      expect(await selected({ 'azureProfile.json': text })).toBeUndefined()
    }
  )

  it.each([
    ['not JSON', 'azureProfile.json', 'nonsense', /nonsense/],
    ['cut short', 'azureProfile.json', '\uFEFF{"subscriptions": [', /Unexpected end/],
    ['a folder', 'azureProfile.json', undefined, /EISDIR/],
    ['a folder', 'clouds.config', undefined, /EISDIR/],
    ['a folder', 'config', undefined, /EISDIR/]
  ])('reports a broken file: %s (%s)', async (_, name, text, reason) => {
    const directory = mkdtempSync(join(root, 'azure-'))
    if (text === undefined) mkdirSync(join(directory, name))
    else writeFileSync(join(directory, name), text)
    expect((await readAzureCliProfile({ AZURE_CONFIG_DIR: directory })).broken).toEqual({
      file: join(directory, name),
      reason: expect.stringMatching(reason) as string
    })
  })

  it('reports no broken file if the file is missing, or starts with a byte order mark', async () => {
    expect((await readAzureCliProfile({ AZURE_CONFIG_DIR: join(root, 'nowhere') })).broken).toBeUndefined()
    const directory = mkdtempSync(join(root, 'azure-'))
    writeFileSync(join(directory, 'azureProfile.json'), `\uFEFF${profile()}`)
    expect((await readAzureCliProfile({ AZURE_CONFIG_DIR: directory })).broken).toBeUndefined()
  })

  it('comes from the home directory if AZURE_CONFIG_DIR is not set, or empty', async () => {
    expect((await readAzureCliProfile({ HOME: '/home/someone' })).directory).toBe('/home/someone/.azure')
    expect((await readAzureCliProfile({ HOME: '/home/someone', AZURE_CONFIG_DIR: '' })).directory).toBe(
      '/home/someone/.azure'
    )
  })
})
