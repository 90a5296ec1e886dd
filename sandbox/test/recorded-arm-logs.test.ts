import { describe, expect, it } from 'vitest'
import { addGroup, createStage, type Stage } from './recorded-replay.js'
import { readRecording, subscriptionId } from './recorded-table.js'
import type { Answer } from './service-caller.js'

const quoted = readRecording('arm-errors', 'arm-errors-from-logs')
const subscription = `/subscriptions/${subscriptionId}`
const loggedTenant = quoted.id('tenant')
const loggedAssignment = quoted.id('roleAssignments.message')

describe('ARM answers as recorded', () => {
  it('when a log or an issue quotes the error', async () => {
    for (const [index, exchange] of quoted.exchanges.entries()) {
      const scenario = scenarios[index]
      if (scenario === undefined) {
        expect(outOfScope[index], `exchange ${index} is neither replayed nor explained`).toBeDefined()
        continue
      }
      const stage = await createStage(loggedTenant)
      addGroup(stage.state, 'MyRg')
      const { status, body, headers } = await scenario(stage)
      expect({ status, code: body.error.code, message: body.error.message }, `exchange ${index}`).toEqual({
        status: exchange.status,
        code: exchange.error?.code,
        message: exchange.error?.message
      })
      if (exchange.challenge !== undefined) {
        const challenge = exchange.challenge.replace('https://login.windows.net', 'https://login.test')
        expect(headers['www-authenticate']).toBe(challenge)
      }
    }
  })
})

const credentials = `${subscription}/resourceGroups/MyRg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/MyManagedIdentity/federatedIdentityCredentials`
const assignments = `${subscription}/resourceGroups/MyRg/providers/Microsoft.Authorization/roleAssignments`

const scenarios: Readonly<Record<number, (stage: Stage) => Promise<Answer>>> = {
  0: async stage => {
    await putIdentity(stage)
    const answers = await Promise.all([putCredential(stage, 'one', 'a'), putCredential(stage, 'two', 'b')])
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 409])
    return answers.find(answer => answer.status === 409)!
  },
  1: async stage => {
    await putIdentity(stage)
    await putCredential(stage, 'one', 'a')
    return putCredential(stage, 'two', 'a')
  },
  3: async stage => {
    await putIdentity(stage)
    return stage.arm('PUT', `${credentials}/one?api-version=2023-01-31`, { body: { properties: {} } })
  },
  4: async stage => {
    await putIdentity(stage)
    const answer = await putCredential(stage, 'ends-in=', 'a')
    return JSON.parse(JSON.stringify(answer).replace('ends-in=', '{ficName}')) as Answer
  },
  7: async stage => {
    await putIdentity(stage)
    for (let index = 0; index < 20; index += 1)
      expect((await putCredential(stage, `name-${index}`, `subject-${index}`)).status).toBe(201)
    return putCredential(stage, 'one-more', 'one-more')
  },
  8: async stage => {
    await assignTo(stage, '11111111-0000-0000-0000-000000000001', loggedAssignment)
    return assignTo(stage, '11111111-0000-0000-0000-000000000002', loggedAssignment)
  },
  9: async stage => {
    await assignTo(stage, '11111111-0000-0000-0000-000000000001', loggedAssignment)
    return assignTo(stage, '11111111-0000-0000-0000-000000000001', '11111111-0000-0000-0000-000000000003')
  },
  10: ({ arm }) => arm('GET', `${subscription}?api-version=2016-06-01`, { authorization: undefined }),
  11: async ({ arm }) => {
    const answer = await arm(
      'GET',
      '/subscriptions/other/providers/Microsoft.ContainerService/managedClusters?api-version=2026-05-01',
      { authorization: undefined }
    )
    return JSON.parse(JSON.stringify(answer).replace("'other'", "'<SUBSCRIPTION_ID>'")) as Answer
  }
}

const outOfScope: Readonly<Record<number, string>> = {
  2: 'the documentation does not know the code; a real response (azure-cli #31598) has InvalidFederatedIdentityCredentialsAudienceLength: see arm-identities.test.ts',
  5: 'the wording of the documentation; the gateway was recorded with another: see arm-identities.test.ts',
  6: 'the sandbox has no regions without federated credentials',
  12: 'the sandbox has one tenant'
}

function putIdentity({ arm }: Stage): Promise<Answer> {
  return arm('PUT', `${credentials.replace('/federatedIdentityCredentials', '')}?api-version=2023-01-31`, {
    body: { location: 'westus' }
  })
}

function putCredential({ arm }: Stage, name: string, subject: string): Promise<Answer> {
  return arm('PUT', `${credentials}/${name}?api-version=2023-01-31`, {
    body: { properties: { issuer: 'https://issuer', subject, audiences: ['api://AzureADTokenExchange'] } }
  })
}

function assignTo({ arm }: Stage, principalId: string, name: string): Promise<Answer> {
  const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`
  return arm('PUT', `${assignments}/${name}?api-version=2022-04-01`, {
    body: { properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' } }
  })
}
