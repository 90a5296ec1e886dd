import { describe } from 'vitest'
import type { CheckName } from '../../src/doctor/finding.js'
import { annotation } from '../../src/domain/annotations.js'
import { account, clientIdOf, namespace, without } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { Scenario, ScenarioSetup } from './scenario.js'

/** Sets an annotation of the service account. A value of null removes it. */
const annotate = ({ account: { metadata } }: ScenarioSetup, key: string, value: string | null): void => {
  const others = without(metadata.annotations ?? {}, key)
  metadata.annotations = value === null ? others : { ...others, [key]: value }
}

/** Scenarios about the client ID run with both kinds of identity, others with one. */
const kindFor = (key: keyof typeof annotation): Partial<Scenario> =>
  key === 'clientId' ? {} : { kind: 'managed identity' }

/** A scenario with a wrong annotation, and pods that were created after it. */
const annotated = (
  name: string,
  key: keyof typeof annotation,
  value: (setup: ScenarioSetup) => string | null,
  symptoms: readonly string[],
  check: CheckName,
  more: Partial<Scenario> = {}
): Scenario => ({
  name,
  symptoms,
  firstFinding: { check },
  ...kindFor(key),
  ...more,
  break: async setup => {
    annotate(setup, annotation[key], value(setup))
    await setup.restartPods()
  }
})

/** A scenario with a wrong annotation, and pods that are older. */
const annotatedLater = (
  name: string,
  key: keyof typeof annotation,
  value: (setup: ScenarioSetup) => string | null,
  check: CheckName
): Scenario => ({
  name,
  symptoms: [],
  firstFinding: { check },
  ...kindFor(key),
  break: setup => {
    annotate(setup, annotation[key], value(setup))
  }
})

const otherGuid = '11111111-2222-3333-4444-555555555555'

describe('an unhealthy service account', () => {
  testScenarios([
    {
      name: 'it does not exist',
      symptoms: ['no new pod', 'no token file'],
      firstFinding: { check: 'service-account' },
      break: async ({ state, restartPods }) => {
        state.cluster.serviceAccounts.delete(`${namespace}/${account}`)
        await restartPods()
      }
    },
    annotated('it has no client ID', 'clientId', () => null, ['no AZURE_CLIENT_ID'], 'client-id'),
    annotated('its client ID is empty', 'clientId', () => '', ['no AZURE_CLIENT_ID'], 'client-id'),
    annotatedLater(
      'its client ID has a leading space',
      'clientId',
      ({ identity }) => ` ${clientIdOf(identity)}`,
      'client-id'
    ),
    annotatedLater(
      'its client ID has a trailing line break',
      'clientId',
      ({ identity }) => `${clientIdOf(identity)}\n`,
      'client-id'
    ),
    annotatedLater('its client ID is a name', 'clientId', () => 'checkout', 'client-id'),
    annotatedLater(
      'its client ID is truncated',
      'clientId',
      ({ identity }) => clientIdOf(identity).slice(0, -1),
      'client-id'
    ),
    annotatedLater(
      'its client ID is an object ID',
      'clientId',
      ({ identity }) => ('appId' in identity ? identity.id : identity.principalId),
      'client-id'
    ),
    annotatedLater('its client ID is unknown in the tenant', 'clientId', () => otherGuid, 'client-id'),
    {
      name: 'its client ID is that of another identity',
      symptoms: [],
      firstFinding: { check: 'client-id' },
      break: async setup => {
        await setup.runLine('azwi serviceaccount create phase aad-application --aad-application-name other')
        annotate(
          setup,
          annotation.clientId,
          [...setup.state.applications.values()].find(({ displayName }) => displayName === 'other')!.appId
        )
      }
    },
    annotated(
      'its client ID is unknown in the tenant, and pods have it',
      'clientId',
      () => otherGuid,
      ['AADSTS700016'],
      'client-id'
    ),
    annotatedLater('its tenant is another one', 'tenantId', () => otherGuid, 'tenant-id'),
    annotated('its tenant is a domain', 'tenantId', () => 'contoso.onmicrosoft.com', ['AADSTS90002'], 'tenant-id', {
      firstFinding: { check: 'tenant-id', outcome: 'warn' }
    }),
    annotatedLater('its tenant has a trailing space', 'tenantId', ({ state }) => `${state.tenantId} `, 'tenant-id'),
    annotatedLater('its tenant is empty', 'tenantId', () => '', 'tenant-id'),
    annotated('its token lifetime is too short', 'tokenExpiration', () => '600', ['no new pod'], 'token-expiration'),
    annotated('its token lifetime is too long', 'tokenExpiration', () => '86401', ['no new pod'], 'token-expiration'),
    annotated('its token lifetime is not a number', 'tokenExpiration', () => '1h', ['no new pod'], 'token-expiration')
  ])
})
