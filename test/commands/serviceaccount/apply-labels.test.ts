import { describe, expect, it } from 'vitest'
import { messages } from '../../helpers/log.js'
import { addServiceAccount, serviceAccountIn, writes } from '../../helpers/state.js'
import { useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const labels = (): unknown => serviceAccountIn(test.sandbox.state, 'app')?.metadata.labels
const ownLabels = { 'app.kubernetes.io/managed-by': 'azwi' }

describe('a label that the file no longer has', () => {
  it('is removed, and the plan reports it', async () => {
    await apply('workloads: [{ name: app, labels: { team: blue, tier: back } }]')
    const plan = await apply('workloads: [{ name: app, labels: { tier: back } }]', '--dry-run', '--detailed-exitcode')
    expect(plan.status).toBe(2)
    expect(messages(plan.stderr)).toContain('[default/app]   team: "blue" → (none)')
    expect(labels()).toEqual({ ...ownLabels, team: 'blue', tier: 'back' })
    const { stdout } = await apply('workloads: [{ name: app, labels: { tier: back } }]', '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      workloads: [
        { result: 'updated', serviceAccount: { action: 'updated', differences: [{ field: 'team', from: 'blue' }] } }
      ]
    })
    expect(labels()).toEqual({ ...ownLabels, tier: 'back' })
    await apply('workloads: [{ name: app }]')
    expect(labels()).toEqual(ownLabels)
    test.sandbox.requests.length = 0
    await apply('workloads: [{ name: app }]')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is removed with --adopt if it was the label of the set', async () => {
    await apply('set: mine\nworkloads: [{ name: app }]')
    expect((await apply('workloads: [{ name: app }]')).status).toBe(1)
    await apply('workloads: [{ name: app }]', '--adopt')
    expect(labels()).toEqual(ownLabels)
  })

  it('is kept if another owner set it, before or after azwi', async () => {
    addServiceAccount(test.sandbox.state, 'app', { labels: { owner: 'someone' } })
    await apply('workloads: [{ name: app, labels: { team: blue } }]')
    const account = serviceAccountIn(test.sandbox.state, 'app')
    if (account !== undefined) account.metadata.labels = { ...account.metadata.labels, late: 'yes' }
    await apply('workloads: [{ name: app }]')
    expect(labels()).toEqual({ owner: 'someone', late: 'yes' })
  })

  it('is kept, without a change, if another owner applied it too', async () => {
    await apply('workloads: [{ name: app, labels: { team: blue } }]')
    serviceAccountIn(test.sandbox.state, 'app')?.metadata.managedFields.push({
      manager: 'argocd',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '2024-01-02T03:04:05Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {} } } }
    })
    expect((await apply('workloads: [{ name: app }]', '--dry-run', '--detailed-exitcode')).status).toBe(0)
    await apply('workloads: [{ name: app, tokenExpiration: 2h }]')
    expect(labels()).toEqual({ ...ownLabels, team: 'blue' })
  })

  it('is kept by create, which names only the labels that it changes', async () => {
    await apply('workloads: [{ name: app, labels: { team: blue } }]')
    await test.run('sa', 'create', '--service-account-name', 'app', '--labels', 'tier=back')
    expect(labels()).toEqual({ ...ownLabels, team: 'blue', tier: 'back' })
  })
})
