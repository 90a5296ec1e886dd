import { describe } from 'vitest'
import type { FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import { account, namespace } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { Scenario, ScenarioSetup } from './scenario.js'

const subject = `system:serviceaccount:${namespace}:${account}`

/** The credential, but for one value. */
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

/** As many others as there can be, none of them for this account; the first trusts an account of this cluster that is gone. */
function fill({ identity, credential }: ScenarioSetup, own: readonly FederatedIdentityCredential[]): void {
  const others = Array.from({ length: 20 - own.length }, (_, index) => ({
    ...credential,
    name: `other-${index}`,
    id: credential.id
      .replace(credential.name, `other-${index}`)
      .replace(/^.{8}-/, `${String(index).padStart(8, '0')}-`),
    ...(index === 0 ? { subject: 'system:serviceaccount:gone:gone' } : { issuer: `https://cluster-${index}.example/` })
  }))
  identity.federatedIdentityCredentials = [...others, ...own]
}

describe('a credential that does not fit', () => {
  testScenarios([
    differs('the slash at the end of the issuer is missing', ({ issuer }) => ({ issuer: issuer.slice(0, -1) }), 700211),
    differs('a slash too many at the end of the issuer', ({ issuer }) => ({ issuer: `${issuer}/` }), 700211),
    differs('the issuer in capitals', ({ issuer }) => ({ issuer: issuer.replace('localhost', 'LOCALHOST') }), 700211),
    differs(
      'the issuer of another cluster',
      () => ({ issuer: 'https://westeurope.oic.prod-aks.azure.com/another/cluster/' }),
      700211
    ),
    differs('a blank behind the issuer', ({ issuer }) => ({ issuer: `${issuer} ` }), 700211),
    differs('the namespace in capitals', () => ({ subject: 'system:serviceaccount:Shop:checkout' }), 7002138),
    differs('namespace and name swapped', () => ({ subject: `system:serviceaccount:${account}:${namespace}` }), 700213),
    differs(
      'the subject of another account, which is there',
      () => ({ subject: `system:serviceaccount:${namespace}:default` }),
      700213
    ),
    differs(
      'the subject of another account, which is not there',
      () => ({ subject: `system:serviceaccount:${namespace}:chekout` }),
      700213
    ),
    differs('a blank before the subject', () => ({ subject: ` ${subject}` }), 700213),
    differs('a line end behind the subject', () => ({ subject: `${subject}\n` }), 700213),
    differs('the subject without its beginning', () => ({ subject: `${namespace}:${account}` }), 700213),
    differs('an audience that nobody asks for', () => ({ audiences: 'api://checkout' }), 700212),
    differs('the audience of another cloud', () => ({ audiences: 'api://AzureADTokenExchangeUSGov' }), 700212),
    ...[['--namespace', namespace], ['--all-namespaces'], ['--namespace', namespace, '--deployment', account]].map(
      target =>
        differs(
          `no slash, and the doctor is asked about ${target.join(' ')}`,
          ({ issuer }) => ({ issuer: issuer.slice(0, -1) }),
          700211,
          { target }
        )
    ),
    {
      name: 'there is none at all',
      symptoms: ['AADSTS700211'],
      firstFinding: { check: 'credential' },
      break: ({ identity }) => {
        identity.federatedIdentityCredentials = []
      }
    },
    {
      name: '20 of 20, none for this account, and one dead',
      symptoms: ['AADSTS700213'],
      firstFinding: { check: 'credential-count' },
      break: stage => {
        fill(stage, [])
      }
    },
    {
      name: '20 of 20, its own among them, and one dead',
      symptoms: [],
      firstFinding: { check: 'credential-count', outcome: 'warn' },
      break: stage => {
        fill(stage, [stage.credential])
      }
    }
  ])
})
