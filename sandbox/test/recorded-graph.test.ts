import { describe, expect, it } from 'vitest'
import { compare, createStage, replay, type Stage } from './recorded-replay.js'
import { readRecording, Translation } from './recorded-table.js'
import type { Answer } from './service-caller.js'

/** Properties that Graph has added to applications since the recordings of 2022 and 2023. */
const newer = [
  'nativeAuthenticationApisEnabled',
  'uniqueName',
  'samlMetadataUrl',
  'servicePrincipalLockConfiguration',
  'requestSignatureVerification',
  'redirectUriSettings'
]

describe('Graph answers as recorded', () => {
  it('when an application is created, found, changed and purged', async () => {
    expect(await replay({ table: 'graph', recording: 'app_create_idempotent' })).toBe(10)
  })

  it('when federated credentials are created, found, changed and deleted', async () => {
    expect(await replay({ table: 'graph', recording: 'app_federated_credential', newer })).toBe(23)
  })

  it('when service principals are created, found, changed and deleted', async () => {
    // Graph now lists the properties of a service principal in another order.
    const recording = 'service_principal_scenario'
    expect(await replay({ table: 'graph', recording, newer, ordered: false })).toBe(26)
  })

  const quoted = readRecording('graph', 'graph-errors-from-logs')
  const scenarios: Readonly<Record<number, (stage: Stage) => Promise<Answer>>> = {
    0: async ({ graph }) => {
      const target = await applicationWith(graph, [credential('main', 'https://one', 'a')])
      return graph('POST', target, { body: credential('main', 'https://two', 'b') })
    },
    1: async ({ graph }) => {
      const taken = credential(
        'one',
        `https://oidc.prod-aks.azure.com/${quoted.id('federatedIdentityCredentials.message')}/`,
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
    },
    3: async ({ graph }) => {
      const target = await applicationWith(graph, [])
      const flexible = credential('debug_v2', 'https://token.actions.githubusercontent.com', '')
      const body = { ...flexible, subject: null, claimsMatchingExpression: { value: 'x', languageVersion: 1 } }
      expect((await graph('POST', target.replace('/v1.0/', '/beta/'), { body })).status).toBe(201)
      return graph('GET', target)
    }
  }
  const outOfScope: Readonly<Record<number, string>> = {
    4: 'a fault rule causes throttling, no request does',
    5: 'as 4, and the documentation quotes it without a request'
  }

  it('when a log or an issue quotes the response', async () => {
    for (const [index, exchange] of quoted.exchanges.entries()) {
      const scenario = scenarios[index]
      if (scenario === undefined) {
        expect(outOfScope[index], `exchange ${index} is neither replayed nor explained`).toBeDefined()
        continue
      }
      const answer = await scenario(await createStage())
      // The quotation of the error about the 21st credential leaves out innerError.
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
