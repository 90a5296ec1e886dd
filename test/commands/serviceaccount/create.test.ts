import { describe, expect, it } from 'vitest'
import { logLines, messages } from '../../helpers/log.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import {
  everythingIn,
  groupScope,
  issuerOf,
  onlyApplication,
  principalOf,
  readerRole,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const words = () => [
  'serviceaccount',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]

describe('azwi serviceaccount create', () => {
  it('creates application, principal, service account, credential and role assignment, with exit code 0 and an empty stdout', async () => {
    const { status, stdout, stderr } = await test.run(...words())
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    const { state } = test.sandbox
    const application = onlyApplication(state)
    const principal = principalOf(state, application)
    expect(application).toMatchObject({ signInAudience: 'AzureADMyOrg', tags: ['azwi'] })
    expect(application.federatedIdentityCredentials).toMatchObject([
      {
        issuer: issuerOf(state),
        subject: 'system:serviceaccount:default:app',
        audiences: ['api://AzureADTokenExchange']
      }
    ])
    expect(serviceAccountIn(state, 'app')?.metadata.annotations).toEqual({
      'azure.workload.identity/client-id': application.appId,
      'azure.workload.identity/tenant-id': state.tenantId,
      'azure.workload.identity/service-account-token-expiration': '3600'
    })
    expect([...state.roleAssignments.values()]).toMatchObject([
      {
        principalId: principal?.id,
        principalType: 'ServicePrincipal',
        scope: groupScope(state),
        roleDefinitionId: expect.stringContaining(readerRole) as string
      }
    ])
  })

  it('writes nothing in a second run, and reports that everything exists', async () => {
    await test.run(...words())
    const before = everythingIn(test.sandbox.state)
    test.sandbox.requests.length = 0
    const { status, stderr } = await test.run(...words())
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
    expect(messages(stderr).toSorted()).toEqual([
      '[aad-application] AAD application already exists',
      '[aad-application] service principal already exists',
      '[federated-identity] federated credential already exists',
      '[role-assignment] role assignment already exists',
      '[service-account] Kubernetes service account already exists'
    ])
  })

  it('logs the created objects with the messages and fields of the Go azwi', async () => {
    const { stderr } = await test.run(...words())
    const application = onlyApplication(test.sandbox.state)
    const lines = logLines(stderr)
    const fields = (message: string) => Object.keys(lines.find(line => line.message === message)?.fields ?? {})
    expect(lines[0]).toEqual({
      level: 'INFO',
      message: '[aad-application] created an AAD application',
      fields: { clientID: application.appId, name: application.displayName, objectID: application.id }
    })
    expect(fields('[aad-application] created service principal')).toEqual(['clientID', 'name', 'objectID'])
    expect(fields('[service-account] created Kubernetes service account')).toEqual(['name', 'namespace'])
    expect(fields('[federated-identity] added federated credential')).toEqual(['issuerURL', 'objectID', 'subject'])
    expect(fields('[role-assignment] created role assignment')).toEqual([
      'role',
      'roleAssignmentID',
      'scope',
      'servicePrincipalObjectID'
    ])
  })

  it('has an alias', async () => {
    expect((await test.run('sa', 'create', '--service-account-name', 'app')).status).toBe(0)
  })

  it('reports that the role phase is skipped, and why, without a role', async () => {
    const { status, stderr } = await test.run('sa', 'create', '--service-account-name', 'app')
    expect(status).toBe(0)
    expect(test.sandbox.state.roleAssignments.size).toBe(0)
    expect(logLines(stderr)).toContainEqual({
      level: 'INFO',
      message: 'skipping phase',
      fields: { phase: 'role-assignment', reason: expect.stringMatching(/--azure-role.*--azure-scope/) as string }
    })
  })

  it('creates an identity for each of two service accounts with the same name in different namespaces', async () => {
    await test.run('sa', 'create', '--service-account-name', 'app')
    await test.run('sa', 'create', '--service-account-name', 'app', '--service-account-namespace', 'kube-public')
    expect(test.sandbox.state.applications.size).toBe(2)
    expect(serviceAccountIn(test.sandbox.state, 'app', 'kube-public')).toBeDefined()
  })
})
