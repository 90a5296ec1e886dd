import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope } from '../helpers/state.js'
import { endState } from './end-state.js'

const test = useFaultySandbox()
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const identities = {
  'an application': ['--service-account-name', 'app'],
  'a managed identity': [
    '--service-account-name',
    'app',
    '--managed-identity-name',
    'app-identity',
    '--managed-identity-resource-group',
    'azwi-sandbox'
  ]
} as const
const kinds = Object.entries(identities)
const create = (flags: readonly string[]) => test.run('sa', 'create', ...flags, ...role())
const remove = (flags: readonly string[]) => test.run('sa', 'delete', ...flags)
const times = <T>(count: number, run: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, run))
const failures = (outcomes: readonly { status: number; stderr: string }[]) =>
  outcomes.filter(({ status }) => status !== 0).map(({ status, stderr }) => `${status}: ${stderr}`)

describe.each(kinds)('with %s', (_, flags) => {
  it('ten concurrent creates write one set of objects, and all exit with 0', async () => {
    await create(flags)
    const single = endState(test.sandbox.state)
    await remove(flags)
    // The deleted application stays on purpose, because it keeps its unique name.
    const before = endState(test.sandbox.state).objects.filter(object => object.startsWith('deleted'))
    expect(failures(await times(10, () => create(flags)))).toEqual([])
    const concurrent = endState(test.sandbox.state)
    expect(concurrent.objects).toEqual([...single.objects, ...before].toSorted())
    expect({ duplicates: concurrent.duplicates, orphans: concurrent.orphans }).toEqual({ duplicates: [], orphans: [] })
  })

  it('ten concurrent creates write one set of objects in an empty cloud', async () => {
    expect(failures(await times(10, () => create(flags)))).toEqual([])
    const { objects, duplicates, orphans } = endState(test.sandbox.state)
    expect({ duplicates, orphans }).toEqual({ duplicates: [], orphans: [] })
    expect(
      objects.filter(object =>
        /^(application|managed identity|credential|principal|role|service account default\/app)\b/.test(object)
      )
    ).toHaveLength(5)
  })

  it('two concurrent deletes leave no object, and both exit with 0', async () => {
    const before = endState(test.sandbox.state)
    await create(flags)
    expect(failures(await times(2, () => remove(flags)))).toEqual([])
    expect(endState(test.sandbox.state).objects.filter(object => !object.startsWith('deleted'))).toEqual(before.objects)
  })

  it('another create completes the objects of a concurrent create and delete', async () => {
    await create(flags)
    const complete = endState(test.sandbox.state).objects
    for (let round = 0; round < 4; round++) {
      await Promise.all([create(flags), remove(flags)])
      expect(endState(test.sandbox.state).duplicates).toEqual([])
      const again = await create(flags)
      expect(again.status, again.stderr).toBe(0)
      const { objects, orphans } = endState(test.sandbox.state)
      expect(objects.filter(object => !object.startsWith('deleted'))).toEqual(complete)
      expect(orphans).toEqual([])
    }
  })

  it('a concurrent create and delete leave no role without a principal', async () => {
    await create(flags)
    for (let round = 0; round < 4; round++) {
      await Promise.all([create(flags), remove(flags)])
      expect(endState(test.sandbox.state).orphans.filter(object => object.startsWith('role'))).toEqual([])
    }
  })
})
