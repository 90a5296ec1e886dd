import { describe, expect, it } from 'vitest'
import type { LoggedRequest } from '../../sandbox/src/sandbox.js'
import { group } from '../helpers/managed-identity.js'
import { snapshotState } from '../helpers/state-reset.js'
import { objectsIn, stateDifference } from '../helpers/state-difference.js'
import { writes } from '../helpers/state.js'
import { addConnection, kinds } from './objects.js'
import { forbidden, plainDelete, useStage } from './stage.js'

const stage = useStage()
const identityFlags = {
  application: [],
  'managed identity': ['--managed-identity-name', 'app-id', '--managed-identity-resource-group', group]
} as const
const grants = ['--grant', 'Reader=rg:azwi-sandbox', '--grant', 'Storage Blob Data Reader=sub:']

/** Lets the first writes pass, and refuses every request from the next write on, as if the process had ended. */
function endAfterWrites(count: number): void {
  let begun = 0
  let hasEnded = false
  stage.test.fault(async (request, service, next) => {
    if (writes({ requests: [{ service, method: request.method, path: request.path } as LoggedRequest] }).length > 0) {
      hasEnded ||= begun >= count
      begun += 1
    }
    return hasEnded ? forbidden(service) : next()
  })
}

const goOn = () => {
  stage.test.fault(async (_request, _service, next) => next())
}

describe.each(kinds)('an interrupted create, %s', kind => {
  const flags = ['--service-account-name', 'app', ...identityFlags[kind]]
  const create = () => stage.attempt(['sa', 'create', ...flags, ...grants])
  const endCreateAfterWrites = async (count: number): Promise<void> => {
    endAfterWrites(count)
    expect((await create()).status).not.toBe(0)
    goOn()
  }
  const numbersOfWrites = kind === 'application' ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3, 4]

  it('has as many writes as the tests below assume', async () => {
    await create()
    expect(writes(stage.test.sandbox).length - 1).toBe(numbersOfWrites.at(-1))
  })

  it.each(numbersOfWrites)('leaves nothing after delete with the same flags: after %i writes', async count => {
    const before = objectsIn(stage.state)
    await endCreateAfterWrites(count)
    const { status, stderr } = await stage.attempt(['sa', 'delete', ...flags])
    expect({ status, left: stateDifference(before, objectsIn(stage.state)) }, stderr).toEqual({ status: 0, left: [] })
  })

  it.each(numbersOfWrites)('is completed by the same create, and deleted: after %i writes', async count => {
    const before = objectsIn(stage.state)
    await endCreateAfterWrites(count)
    expect((await create()).status).toBe(0)
    const { status, stderr } = await stage.attempt(plainDelete)
    expect({ status, left: stateDifference(before, objectsIn(stage.state)) }, stderr).toEqual({ status: 0, left: [] })
  })

  it.each(numbersOfWrites)(
    'is deleted whole, or kept with the service account that leads to it, by the plain delete: after %i writes',
    async count => {
      const before = objectsIn(stage.state)
      await endCreateAfterWrites(count)
      const hadAccount = stage.state.cluster.serviceAccounts.has('default/app')
      const { status, changes, stderr } = await stage.attempt(plainDelete)
      const left = stateDifference(before, objectsIn(stage.state))
      if (status === 0 && (hadAccount || kind === 'application')) expect(left, stderr).toEqual([])
      else expect(changes, stderr).toEqual([])
    }
  )
})

describe.each(kinds)('an interrupted delete, %s', kind => {
  it('is completed by the next one, whichever write was the last', async () => {
    const before = objectsIn(stage.state)
    addConnection(stage.state, kind)
    const reset = snapshotState(stage.state)
    await stage.attempt(plainDelete)
    const count = writes(stage.test.sandbox).length
    expect(count).toBe(3)
    for (let done = 0; done < count; done++) {
      reset()
      endAfterWrites(done)
      const first = await stage.attempt(plainDelete)
      expect(first.status).not.toBe(0)
      expect(stage.state.cluster.serviceAccounts.has('default/app')).toBe(true)
      goOn()
      const { status, stderr } = await stage.attempt(plainDelete)
      expect({ status, left: stateDifference(before, objectsIn(stage.state)) }, stderr).toEqual({ status: 0, left: [] })
    }
  })

  it('needs nothing again after the last write', async () => {
    addConnection(stage.state, kind)
    expect((await stage.attempt(plainDelete)).status).toBe(0)
    const { status, changes } = await stage.attempt(plainDelete)
    expect({ status, changes }).toEqual({ status: 0, changes: [] })
  })
})
