import { describe } from 'vitest'
import type { CheckName } from '../../src/doctor/finding.js'
import { annotation } from '../../src/domain/annotations.js'
import { account, clientIdOf, namespace, without } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { Scenario, ScenarioSetup } from './scenario.js'

/** The annotation on the service account; null takes it away. */
const annotate = ({ account: { metadata } }: ScenarioSetup, key: string, value: string | null): void => {
  const others = without(metadata.annotations ?? {}, key)
  metadata.annotations = value === null ? others : { ...others, [key]: value }
}

/** What is wrong with the client id is looked at with either kind of identity. */
const kindFor = (key: keyof typeof annotation): Partial<Scenario> =>
  key === 'clientId' ? {} : { kind: 'managed identity' }

/** An annotation that is wrong, and pods that were made with it since. */
const annotated = (
  name: string,
  key: keyof typeof annotation,
  value: (stage: ScenarioSetup) => string | null,
  symptoms: readonly string[],
  check: CheckName,
  more: Partial<Scenario> = {}
): Scenario => ({
  name,
  symptoms,
  firstFinding: { check },
  ...kindFor(key),
  ...more,
  break: async stage => {
    annotate(stage, annotation[key], value(stage))
    await stage.restartPods()
  }
})

/** The same, before any pod is made with it. */
const annotatedLater = (
  name: string,
  key: keyof typeof annotation,
  value: (stage: ScenarioSetup) => string | null,
  check: CheckName
): Scenario => ({
  name,
  symptoms: [],
  firstFinding: { check },
  ...kindFor(key),
  break: stage => {
    annotate(stage, annotation[key], value(stage))
  }
})

const otherGuid = '11111111-2222-3333-4444-555555555555'

describe('a service account that is not in order', () => {
  testScenarios([
    {
      name: 'it is not there',
      symptoms: ['no new pod', 'no token file'],
      firstFinding: { check: 'service-account' },
      break: async ({ state, restartPods }) => {
        state.cluster.serviceAccounts.delete(`${namespace}/${account}`)
        await restartPods()
      }
    },
    annotated('without a client id', 'clientId', () => null, ['no AZURE_CLIENT_ID'], 'client-id'),
    annotated('with an empty client id', 'clientId', () => '', ['no AZURE_CLIENT_ID'], 'client-id'),
    annotatedLater(
      'with a blank before the client id',
      'clientId',
      ({ identity }) => ` ${clientIdOf(identity)}`,
      'client-id'
    ),
    annotatedLater(
      'with a line end behind the client id',
      'clientId',
      ({ identity }) => `${clientIdOf(identity)}\n`,
      'client-id'
    ),
    annotatedLater('with a name for a client id', 'clientId', () => 'checkout', 'client-id'),
    annotatedLater(
      'with a client id that is cut off',
      'clientId',
      ({ identity }) => clientIdOf(identity).slice(0, -1),
      'client-id'
    ),
    annotatedLater(
      'with the object id for a client id',
      'clientId',
      ({ identity }) => ('appId' in identity ? identity.id : identity.principalId),
      'client-id'
    ),
    annotatedLater('with the client id of another tenant', 'clientId', () => otherGuid, 'client-id'),
    {
      name: 'with the client id of another identity that there is',
      symptoms: [],
      firstFinding: { check: 'client-id' },
      break: async stage => {
        await stage.runLine('azwi serviceaccount create phase aad-application --aad-application-name other')
        annotate(
          stage,
          annotation.clientId,
          [...stage.state.applications.values()].find(({ displayName }) => displayName === 'other')!.appId
        )
      }
    },
    annotated(
      'with the client id of another tenant, and pods with it',
      'clientId',
      () => otherGuid,
      ['AADSTS700016'],
      'client-id'
    ),
    annotatedLater('with a tenant that is another', 'tenantId', () => otherGuid, 'tenant-id'),
    annotated('with a tenant by name', 'tenantId', () => 'contoso.onmicrosoft.com', ['AADSTS90002'], 'tenant-id', {
      firstFinding: { check: 'tenant-id', outcome: 'warn' }
    }),
    annotatedLater('with a blank behind the tenant', 'tenantId', ({ state }) => `${state.tenantId} `, 'tenant-id'),
    annotatedLater('with an empty tenant', 'tenantId', () => '', 'tenant-id'),
    annotated('with a token that lives too short', 'tokenExpiration', () => '600', ['no new pod'], 'token-expiration'),
    annotated('with a token that lives too long', 'tokenExpiration', () => '86401', ['no new pod'], 'token-expiration'),
    annotated('with an expiration that is no number', 'tokenExpiration', () => '1h', ['no new pod'], 'token-expiration')
  ])
})
