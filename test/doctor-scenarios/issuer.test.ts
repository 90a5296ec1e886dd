import { describe } from 'vitest'
import type { CheckName } from '../../src/doctor/finding.js'
import type { SandboxResponse } from '../../sandbox/src/server/http.js'
import { issuerDiscovery } from '../../sandbox/src/issuer/service.js'
import { createSigningKey } from '../../sandbox/src/signing-key.js'
import { preparedKey } from '../helpers/keys.js'
import { testScenarios } from './test-scenarios.js'
import type { Scenario, ScenarioSetup } from './scenario.js'

const discovery = '.well-known/openid-configuration'
const keys = 'openid/v1/jwks'

/** A self-managed cluster with a wrong document at its issuer. */
const published = (
  name: string,
  path: string,
  answer: (setup: ScenarioSetup) => SandboxResponse,
  aadsts: number,
  check: CheckName
): Scenario => ({
  name,
  symptoms: [`AADSTS${aadsts}`],
  firstFinding: { check },
  break: setup => {
    setup.state.managedClusters.clear()
    setup.state.published.set(path, answer(setup))
  }
})
const document =
  (changes: object) =>
  ({ state }: ScenarioSetup): SandboxResponse => ({ status: 200, body: { ...issuerDiscovery(state), ...changes } })

describe('an unhealthy issuer', () => {
  testScenarios(
    [
      published('it has no discovery document', discovery, () => ({ status: 404 }), 90061, 'issuer-discovery'),
      published('its discovery document is forbidden', discovery, () => ({ status: 403 }), 90061, 'issuer-discovery'),
      published(
        'its discovery document is an HTML page',
        discovery,
        () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
        90061,
        'issuer-discovery'
      ),
      published(
        'its discovery document names another issuer',
        discovery,
        document({ issuer: 'https://elsewhere.example/' }),
        90061,
        'issuer-discovery'
      ),
      published(
        'its discovery document names the issuer without the trailing slash',
        discovery,
        setup => document({ issuer: setup.state.cluster.issuer.slice(0, -1) })(setup),
        90061,
        'issuer-discovery'
      ),
      published(
        'its discovery document leads to a missing key set',
        discovery,
        setup => document({ jwks_uri: `${setup.state.cluster.issuer}keys.json` })(setup),
        50166,
        'issuer-keys'
      ),
      published('it has no key set', keys, () => ({ status: 404 }), 50166, 'issuer-keys'),
      published('its key set is not JSON', keys, () => ({ status: 200, body: '<html></html>' }), 900612, 'issuer-keys'),
      published('its key set is empty', keys, () => ({ status: 200, body: { keys: [] } }), 7000272, 'issuer-keys'),
      {
        name: 'the key that signs is not published',
        symptoms: ['AADSTS7000272'],
        firstFinding: { check: 'issuer-keys' },
        break: ({ state }) => {
          state.managedClusters.clear()
          state.cluster.signingKeys.unshift(preparedKey(1))
        }
      },
      {
        name: 'the next key is not published',
        symptoms: [],
        firstFinding: { check: 'issuer-keys' },
        break: ({ state }) => {
          state.managedClusters.clear()
          state.cluster.signingKeys.push(preparedKey(1))
        }
      },
      ...(
        [
          ['it is not https', 'http://issuer.example/'],
          ['its host is internal to the cluster', 'https://kubernetes.default.svc.cluster.local']
        ] as const
      ).map(([name, issuer]): Scenario => ({
        name,
        symptoms: ['AADSTS700211'],
        firstFinding: { check: 'issuer-https', found: issuer },
        noFix: 'the issuer is a flag of kube-apiserver',
        break: ({ state }) => {
          state.managedClusters.clear()
          state.cluster.issuer = issuer
        }
      })),
      {
        name: 'it signs with ES256',
        symptoms: ['AADSTS5002738'],
        firstFinding: { check: 'issuer-algorithm' },
        noFix: 'the key is a flag of kube-apiserver',
        break: async ({ state }) => {
          const key = await createSigningKey('ES256')
          state.cluster.signingKeys = [key]
          state.cluster.publishedKeys = [key.jwk]
        }
      }
    ],
    ['application']
  )
})
