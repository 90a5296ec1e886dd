import { describe, expect, it } from 'vitest'
import { snapshotState } from '../helpers/state-reset.js'
import { addAccount, addIdentity, addRole, addTrust, kinds } from './objects.js'
import { plainDelete, useStage } from './stage.js'

const stage = useStage()
const makers = ['azwi', 'a person'] as const
const nobody = 'nobody'

/** Returns numbers from 0 to below 1, the same ones in every run (mulberry32). */
function seededNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function situationOf(random: () => number) {
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
  return {
    kind: one(kinds),
    identity: one(makers),
    credential: one([...makers, 'azwi', nobody] as const),
    role: one([...makers, nobody] as const),
    account: one([...makers, 'azwi', 'azwi'] as const),
    otherTrust: one([nobody, nobody, 'another service account', 'another cluster', 'GitHub'] as const)
  }
}
type Situation = ReturnType<typeof situationOf>

function arrange({ kind, identity: by, credential, role, account, otherTrust }: Situation): void {
  const { state } = stage
  const identity = addIdentity(state, kind, by)
  if (credential !== nobody) addTrust(state, identity, credential)
  if (role !== nobody) addRole(state, identity, role)
  addAccount(state, identity, account)
  if (otherTrust === 'another service account') addTrust(state, identity, 'azwi', { account: 'other' })
  if (otherTrust === 'another cluster') addTrust(state, identity, 'azwi', { issuer: 'https://other.example/' })
  if (otherTrust === 'GitHub')
    addTrust(state, identity, 'a person', { name: 'github', subject: 'repo:a/b:ref:refs/heads/main' })
}

/** Returns what the rules of docs/ownership.md let a delete remove: all that is ours and unused, and nothing else. */
function expectedOf({ kind, identity, credential, role, account, otherTrust }: Situation) {
  const id = `${kind} app-id`
  const refused = { status: 1, changes: [] as string[] }
  const isShared = otherTrust === 'another service account' || otherTrust === 'another cluster'
  if (account === 'a person' || credential === 'a person') return refused
  if (credential === nobody && identity === 'azwi' && otherTrust === nobody) return refused
  const accountOnly = ['- service account default/app']
  if (credential === nobody) return { status: 0, changes: accountOnly }
  const roleGoes = role === 'azwi' && !isShared ? [`- role Reader of ${id} at rg:azwi-sandbox`] : []
  if (identity === 'a person' || isShared)
    return { status: 0, changes: [`- credential of ${id} for default/app`, ...roleGoes, ...accountOnly].toSorted() }
  if (otherTrust === 'GitHub' || role === 'a person') return refused
  return { status: 0, changes: [`- ${id}`, ...roleGoes, ...accountOnly].toSorted() }
}

describe('a delete in a random situation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'removes what is ours and unused, and changes nothing else: seed %i',
    async seed => {
      const random = seededNumbers(seed)
      const reset = snapshotState(stage.state)
      for (let round = 0; round < 5; round++) {
        reset()
        const situation = situationOf(random)
        arrange(situation)
        const { status, changes, stderr } = await stage.attempt(plainDelete)
        expect({ status, changes }, `${JSON.stringify(situation)}\n${stderr}`).toEqual(expectedOf(situation))
      }
    }
  )
})
