import { describe } from 'vitest'
import type { FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import { account, namespace } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { Scenario, ScenarioSetup } from './scenario.js'

const subject = `system:serviceaccount:${namespace}:${account}`

/** A member of the credential that differs in a scenario. */
type Value = 'issuer' | 'subject' | 'audiences'
type Change = (credential: FederatedIdentityCredential) => Partial<Record<Value, string>>
const differs = (name: string, change: Change, aadsts: number, more: Partial<Scenario> = {}): Scenario => ({
  name,
  symptoms: [`AADSTS${aadsts}`],
  firstFinding: ({ credential }) => {
    const [value, found] = Object.entries(change(credential))[0] as [Value, string]
    return {
      check: value === 'audiences' ? 'credential-audience' : 'credential',
      found,
      expected: String(credential[value])
    }
  },
  break: ({ credential }) => {
    const { audiences = credential.audiences[0]!, ...others } = change(credential)
    Object.assign(credential, { ...others, audiences: [audiences] })
  },
  ...more
})

/** Fills the identity up to 20 credentials. None of the others is for this service account. The first is for one that no longer exists. */
function fill({ identity, credential }: ScenarioSetup, kept: readonly FederatedIdentityCredential[]): void {
  const others = Array.from({ length: 20 - kept.length }, (_, index) => ({
    ...credential,
    name: `other-${index}`,
    id: credential.id
      .replace(credential.name, `other-${index}`)
      .replace(/^.{8}-/, `${String(index).padStart(8, '0')}-`),
    ...(index === 0 ? { subject: 'system:serviceaccount:gone:gone' } : { issuer: `https://cluster-${index}.example/` })
  }))
  identity.federatedIdentityCredentials = [...others, ...kept]
}

describe('a wrong credential', () => {
  testScenarios([
    differs('the issuer lacks the trailing slash', ({ issuer }) => ({ issuer: issuer.slice(0, -1) }), 700211),
    differs('the issuer has an additional trailing slash', ({ issuer }) => ({ issuer: `${issuer}/` }), 700211),
    differs(
      'the issuer is in upper case',
      ({ issuer }) => ({ issuer: issuer.replace('localhost', 'LOCALHOST') }),
      700211
    ),
    differs(
      'the issuer is that of another cluster',
      () => ({ issuer: 'https://westeurope.oic.prod-aks.azure.com/another/cluster/' }),
      700211
    ),
    differs('the issuer has a trailing space', ({ issuer }) => ({ issuer: `${issuer} ` }), 700211),
    differs(
      'the namespace is in another letter case',
      () => ({ subject: 'system:serviceaccount:Shop:checkout' }),
      7002138
    ),
    differs(
      'namespace and name are swapped',
      () => ({ subject: `system:serviceaccount:${account}:${namespace}` }),
      700213
    ),
    differs(
      'the subject is that of another service account',
      () => ({ subject: `system:serviceaccount:${namespace}:default` }),
      700213
    ),
    differs(
      'the subject is that of a service account that does not exist',
      () => ({ subject: `system:serviceaccount:${namespace}:chekout` }),
      700213
    ),
    differs('the subject has a leading space', () => ({ subject: ` ${subject}` }), 700213),
    differs('the subject has a trailing line break', () => ({ subject: `${subject}\n` }), 700213),
    differs('the subject lacks its prefix', () => ({ subject: `${namespace}:${account}` }), 700213),
    differs('the audience is an unknown one', () => ({ audiences: 'api://checkout' }), 700212),
    differs('the audience is that of another cloud', () => ({ audiences: 'api://AzureADTokenExchangeUSGov' }), 700212),
    ...[['--namespace', namespace], ['--all-namespaces'], ['--namespace', namespace, '--deployment', account]].map(
      target =>
        differs(
          `the issuer lacks the trailing slash, with the arguments ${target.join(' ')}`,
          ({ issuer }) => ({ issuer: issuer.slice(0, -1) }),
          700211,
          { target }
        )
    ),
    {
      name: 'the identity has no credential',
      symptoms: ['AADSTS700211'],
      firstFinding: { check: 'credential' },
      break: ({ identity }) => {
        identity.federatedIdentityCredentials = []
      }
    },
    {
      name: 'the identity has 20 others, and one of them is orphaned',
      symptoms: ['AADSTS700213'],
      firstFinding: { check: 'credential-count' },
      break: setup => {
        fill(setup, [])
      }
    },
    {
      name: 'the identity has 20, and one of the others is orphaned',
      symptoms: [],
      firstFinding: { check: 'credential-count', outcome: 'warn' },
      break: setup => {
        fill(setup, [setup.credential])
      }
    }
  ])
})
