import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { messages } from '../helpers/log.js'
import { installAz, installProgram } from '../helpers/stand-ins.js'
import { groupScope, writes } from '../helpers/state.js'

const test = useFaultySandbox()
const noAzureVariables = {
  AZURE_CLIENT_ID: '',
  AZURE_CLIENT_SECRET: '',
  AZURE_TENANT_ID: '',
  AZURE_SUBSCRIPTION_ID: ''
}
const words = () => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const { PATH } = process.env
let bin: string

const azureFolder = (files: Readonly<Record<string, string>>): string => {
  const path = join(test.directory, `azure-${Object.keys(files).join('-')}`)
  mkdirSync(path, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}
const subscription = (more: object = {}) => ({
  id: test.sandbox.state.subscriptionId,
  name: 'mine',
  tenantId: test.sandbox.state.tenantId,
  isDefault: true,
  ...more
})
const profile = (...subscriptions: readonly object[]) =>
  `\uFEFF${JSON.stringify({ installationId: 'x', subscriptions })}`

beforeEach(async () => {
  bin = join(test.directory, 'bin')
  // AzureCliCredential starts `az` with the environment of this process.
  process.env.PATH = `${bin}${delimiter}${PATH ?? ''}`
  await installAz(bin, test.sandbox.state)
})
afterEach(() => {
  process.env.PATH = PATH
})

const run = (azure: string, more: readonly string[] = []) =>
  test.azwi([...words(), ...more], { ...noAzureVariables, AZURE_CONFIG_DIR: azure, PATH: bin })
const usedSubscription = (id: string) => `No subscription provided, using selected subscription from Azure CLI: ${id}`

describe('the login of the Azure CLI', () => {
  it('is the default, with the subscription of azureProfile.json, which begins with a byte order mark', async () => {
    const other = {
      id: '11111111-2222-4333-8444-555555555555',
      name: 'other',
      tenantId: '11111111-2222-4333-8444-999999999999',
      isDefault: false
    }
    const { status, stderr } = await run(azureFolder({ 'azureProfile.json': profile(other, subscription()) }))
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(new RegExp(`^INFO\\[\\d{4}\\] ${usedSubscription(test.sandbox.state.subscriptionId)}$`, 'm'))
    expect(messages(stderr).filter(text => text.startsWith('No subscription'))).toHaveLength(1)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })

  it('is read from the home directory', async () => {
    const home = join(test.directory, 'home')
    mkdirSync(join(home, '.azure'), { recursive: true })
    writeFileSync(join(home, '.azure', 'azureProfile.json'), profile(subscription()))
    // The sandbox has a folder of its own for az. Without the variable, or with an empty one, az uses the home directory.
    for (const folder of [undefined, '']) {
      const environment = { ...noAzureVariables, HOME: home, PATH: bin, AZURE_CONFIG_DIR: folder }
      const { status, stderr } = await test.azwi(words(), environment)
      expect(status, stderr).toBe(0)
    }
  })

  it('uses the subscription of the selected cloud in clouds.config, and finds its tenant', async () => {
    const { subscriptionId } = test.sandbox.state
    const { status, stderr } = await run(
      azureFolder({
        config: '[cloud]\nname = Mine\n',
        'clouds.config': `[AzureCloud]\nsubscription = 11111111-2222-4333-8444-555555555555\n\n[Mine]\nsubscription = ${subscriptionId}\n`
      })
    )
    expect(status, stderr).toBe(0)
    expect(stderr).toContain(usedSubscription(subscriptionId))
  })

  it('uses the subscription of AzureCloud if no cloud is selected', async () => {
    const { subscriptionId } = test.sandbox.state
    const { status, stderr } = await run(
      azureFolder({ 'clouds.config': `[AzureCloud]\nsubscription = ${subscriptionId}\n` })
    )
    expect(status, stderr).toBe(0)
    expect(stderr).toContain(usedSubscription(subscriptionId))
  })

  it('does not log its subscription if the user gives one', async () => {
    const { status, stderr } = await run(
      azureFolder({ 'azureProfile.json': profile(subscription({ isDefault: false })) }),
      ['-s', test.sandbox.state.subscriptionId]
    )
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain('No subscription provided')
  })

  it('that has expired exits with 4 and the command to log in again', async () => {
    const failure = 'ERROR: AADSTS700082: The refresh token has expired due to inactivity. Please run az login'
    installProgram(join(bin, 'az'), `process.stderr.write('${failure}'); process.exit(1)`)
    const { status, stderr } = await run(azureFolder({ 'azureProfile.json': profile(subscription()) }))
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(new RegExp(`^Hint: az login --tenant ${test.sandbox.state.tenantId}`, 'm'))
    expect(writes(test.sandbox)).toEqual([])
  })

  it('with a broken file reports the reason instead of "nobody is logged in"', async () => {
    const azure = azureFolder({ 'azureProfile.json': '{"subscriptions": [' })
    const { status, stderr } = await run(azure, ['-s', test.sandbox.state.subscriptionId])
    expect(status).toBe(4)
    expect(stderr).toMatch(
      /^Error: the Azure CLI's file \S+azureProfile\.json cannot be read: Unexpected end of JSON input\nHint: az login/m
    )
    expect(test.sandbox.requests).toEqual([])
  })

  it('with a broken file does not prevent another login', async () => {
    const azure = azureFolder({ 'azureProfile.json': 'nonsense' })
    const { status, stderr } = await test.azwi(words(), { AZURE_CONFIG_DIR: azure })
    expect(status, stderr).toBe(0)
  })

  it('without a subscription is enough for Graph, but not for a role', async () => {
    const { tenantId } = test.sandbox.state
    const azure = azureFolder({
      'azureProfile.json': profile({ id: tenantId, name: 'N/A(tenant level account)', tenantId, isDefault: true })
    })
    const refused = await run(azure)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/^Hint: .*--subscription-id/m)
    const { status, stderr } = await test.azwi(['sa', 'create', 'phase', 'app', '--service-account-name', 'app'], {
      ...noAzureVariables,
      AZURE_CONFIG_DIR: azure,
      PATH: bin
    })
    expect(status, stderr).toBe(0)
  })
})
