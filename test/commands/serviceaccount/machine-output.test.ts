import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { addApplication, addCredential, addServicePrincipal, issuerOf, onlyApplication } from '../../helpers/state.js'

/** docs/output.md, "create, delete, and their phases". */
const test = useFaultySandbox()
const account = ['--service-account-name', 'app'] as const
const create = (...more: readonly string[]) =>
  test.run('sa', 'create', ...account, '--grant', 'Reader=rg:azwi-sandbox', ...more)
const remove = (...more: readonly string[]) => test.run('sa', 'delete', ...account, '--yes', ...more)
const guid = expect.stringMatching(/^[0-9a-f-]{36}$/) as string

describe('the result of create', () => {
  it('has every object with its IDs in JSON, and is the same in YAML', async () => {
    const { stdout } = await create('-o', 'json')
    const application = onlyApplication(test.sandbox.state)
    const credential = {
      issuer: issuerOf(test.sandbox.state),
      subject: 'system:serviceaccount:default:app',
      applicationObjectId: application.id
    }
    expect(JSON.parse(stdout)).toEqual({
      identity: {
        kind: 'application',
        action: 'created',
        name: application.displayName,
        clientId: application.appId,
        objectId: application.id
      },
      servicePrincipal: {
        action: 'created',
        name: application.displayName,
        clientId: application.appId,
        objectId: guid
      },
      serviceAccount: { action: 'created', namespace: 'default', name: 'app' },
      credential: { action: 'created', ...credential },
      roleAssignments: [
        {
          action: 'created',
          role: 'Reader',
          scope: expect.any(String) as string,
          principalId: guid,
          id: expect.any(String) as string
        }
      ]
    })
    expect(parse((await create('-o', 'yaml')).stdout)).toEqual(JSON.parse((await create('-o', 'json')).stdout))
  })

  it('has the planned changes and differences in a dry run, without the IDs of new objects', async () => {
    const plan = await create('-o', 'json', '--dry-run')
    expect(JSON.parse(plan.stdout)).toMatchObject({
      dryRun: true,
      identity: { action: 'created' },
      roleAssignments: [{ action: 'created', role: 'Reader' }]
    })
    expect(plan.stdout).not.toMatch(/"(clientId|objectId|principalId|id)"/)
    await create()
    const { stdout } = await create('-o', 'json', '--dry-run', '--labels', 'team=blue')
    expect(JSON.parse(stdout)).toMatchObject({
      identity: { action: 'kept' },
      serviceAccount: { action: 'updated', differences: [{ field: 'team', to: 'blue' }] }
    })
  })

  it('has the errors, which are also on lines of stderr', async () => {
    const { status, stdout, stderr } = await create('-o', 'json', '--service-account-namespace', 'nowhere')
    expect(status).toBe(1)
    const error = {
      code: 'NamespaceNotFound',
      message: expect.any(String) as string,
      hint: expect.any(String) as string,
      exitCode: 1
    }
    expect(JSON.parse(stdout)).toEqual({ roleAssignments: [], errors: [error] })
    expect(
      stderr
        .split('\n')
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line) as unknown)
    ).toEqual([{ error }])
  })
})

describe('the result of delete', () => {
  it('is deleted for objects that existed, and skipped for the others', async () => {
    await create()
    const actions = {
      identity: { action: 'deleted' },
      serviceAccount: { action: 'deleted' },
      credential: { action: 'deleted' }
    }
    expect(JSON.parse((await remove('-o', 'json')).stdout)).toMatchObject({
      ...actions,
      roleAssignments: [{ action: 'deleted', id: expect.any(String) as string }]
    })
    const secondResult = JSON.parse((await remove('-o', 'json')).stdout) as unknown
    expect(secondResult).toMatchObject({
      identity: { action: 'skipped' },
      serviceAccount: { action: 'skipped' },
      credential: { action: 'skipped' },
      roleAssignments: []
    })
    expect((await remove('-o', 'name')).stdout).toBe('')
  })

  it('has the reason why roles are kept, and no empty names', async () => {
    const application = addApplication(test.sandbox.state, 'shared', { tags: ['azwi'] })
    addServicePrincipal(test.sandbox.state, application)
    addCredential(application)
    const flags = ['--aad-application-client-id', application.appId]
    await create(...flags)
    const plan = await remove('-o', 'json', '--dry-run', ...flags)
    expect(JSON.parse(plan.stdout)).toMatchObject({
      roleAssignments: [{ action: 'kept', reason: expect.stringContaining('default:other') as string }]
    })
    const { stdout } = await remove('-o', 'name', ...flags)
    expect(stdout.trim().split('\n').toSorted()).toEqual([
      `application/${application.appId}`,
      'federatedcredential/system:serviceaccount:default:app',
      'serviceaccount/default/app'
    ])
  })
})
