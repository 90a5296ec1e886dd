import { describe, expect, it } from 'vitest'
import { readRecording, recordingsAreHere, Translation } from './recordings.js'
import { compare, createStage, replay, type Stage } from './recordings-replay.js'
import type { Answer } from './service-caller.js'

/** What Graph has added to an application since 2022 and 2023. */
const newer = [
  'nativeAuthenticationApisEnabled',
  'uniqueName',
  'samlMetadataUrl',
  'servicePrincipalLockConfiguration',
  'requestSignatureVerification',
  'redirectUriSettings'
]

describe.skipIf(!recordingsAreHere)('Graph answers as it was recorded', () => {
  it('when an application is made, found, changed and purged', async () => {
    expect(await replay({ file: 'graph/azcli-test_app_create_idempotent' })).toBe(10)
  })

  it('when federated credentials are', async () => {
    expect(await replay({ file: 'graph/azcli-test_app_federated_credential', newer })).toBe(23)
  })

  it('when service principals are', async () => {
    // The order of a service principal's properties has changed since.
    expect(await replay({ file: 'graph/azcli-test_service_principal_scenario', newer, ordered: false })).toBe(26)
  })

  const scenarios: Readonly<Record<number, (stage: Stage) => Promise<Answer>>> = {
    0: async ({ graph }) => {
      const target = await applicationWith(graph, [credential('main', 'https://one', 'a')])
      return graph('POST', target, { body: credential('main', 'https://two', 'b') })
    },
    1: async ({ graph }) => {
      const taken = credential(
        'one',
        'https://oidc.prod-aks.azure.com/5b15da40-59ed-401c-b5f6-09ac41c12d7e/',
        'system:serviceaccount:default:workload-identity-sa'
      )
      return graph('POST', await applicationWith(graph, [taken]), { body: { ...taken, name: 'two' } })
    },
    2: async ({ graph }) => {
      const twenty = Array.from({ length: 20 }, (_value, index) =>
        credential(`name-${index}`, 'https://issuer', `subject-${index}`)
      )
      return graph('POST', await applicationWith(graph, twenty), {
        body: credential('one-more', 'https://issuer', 'one-more')
      })
    }
  }
  const outOfScope: Readonly<Record<number, string>> = {
    3: 'a flexible credential breaks the JSON of a list: the sandbox has no flexible credentials',
    4: 'throttling belongs to fault injection',
    5: 'throttling again, quoted from documentation without a request'
  }

  it('when it was quoted in logs', async () => {
    const exchanges = readRecording('graph/graph-errors-from-logs')
    for (const [index, exchange] of exchanges.entries()) {
      const scenario = scenarios[index]
      if (scenario === undefined) {
        expect(outOfScope[index], `exchange ${index} is neither played nor explained`).toBeDefined()
        continue
      }
      const answer = await scenario(await createStage())
      // The quotation of the 21st credential leaves innerError out.
      compare(`graph-errors-from-logs[${index}]`, exchange, answer, new Translation(), { newer: ['innerError'] })
    }
  })
})

function credential(name: string, issuer: string, subject: string): object {
  return { name, issuer, subject, audiences: ['api://AzureADTokenExchange'] }
}

async function applicationWith(graph: Stage['graph'], credentials: object[]): Promise<string> {
  const { body } = await graph('POST', '/v1.0/applications', { body: { displayName: 'quoted' } })
  const target = `/v1.0/applications/${body.id}/federatedIdentityCredentials`
  for (const each of credentials) expect((await graph('POST', target, { body: each })).status).toBe(201)
  return target
}
