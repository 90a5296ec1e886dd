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

/** A cluster of its own owner's, who publishes its documents; one of them is not as it should be. */
const published = (
  name: string,
  path: string,
  answer: (stage: ScenarioSetup) => SandboxResponse,
  aadsts: number,
  check: CheckName
): Scenario => ({
  name,
  symptoms: [`AADSTS${aadsts}`],
  firstFinding: { check },
  break: stage => {
    stage.state.managedClusters.clear()
    stage.state.published.set(path, answer(stage))
  }
})
const document =
  (changes: object) =>
  ({ state }: ScenarioSetup): SandboxResponse => ({ status: 200, body: { ...issuerDiscovery(state), ...changes } })

describe('an issuer that is not in order', () => {
  testScenarios(
    [
      published('it has no discovery document', discovery, () => ({ status: 404 }), 90061, 'issuer-discovery'),
      published('its discovery document is forbidden', discovery, () => ({ status: 403 }), 90061, 'issuer-discovery'),
      published(
        'its discovery document is a page',
        discovery,
        () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
        90061,
        'issuer-discovery'
      ),
      published(
        'it says that it is another',
        discovery,
        document({ issuer: 'https://elsewhere.example/' }),
        90061,
        'issuer-discovery'
      ),
      published(
        'it says that it has no slash',
        discovery,
        stage => document({ issuer: stage.state.cluster.issuer.slice(0, -1) })(stage),
        90061,
        'issuer-discovery'
      ),
      published(
        'it leads to keys that are not there',
        discovery,
        stage => document({ jwks_uri: `${stage.state.cluster.issuer}keys.json` })(stage),
        50166,
        'issuer-keys'
      ),
      published('it has no keys', keys, () => ({ status: 404 }), 50166, 'issuer-keys'),
      published('its keys are no JSON', keys, () => ({ status: 200, body: '<html></html>' }), 900612, 'issuer-keys'),
      published('its key set is empty', keys, () => ({ status: 200, body: { keys: [] } }), 7000272, 'issuer-keys'),
      {
        name: 'a new key signs, and nobody published it',
        symptoms: ['AADSTS7000272'],
        firstFinding: { check: 'issuer-keys' },
        break: ({ state }) => {
          state.managedClusters.clear()
          state.cluster.signingKeys.unshift(preparedKey(1))
        }
      },
      {
        name: 'a new key is to sign soon, and nobody published it',
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
          ['only the cluster knows it', 'https://kubernetes.default.svc.cluster.local']
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
