import { describe, expect, it } from 'vitest'
import { federatedIdentityCredentialName } from '../../../src/domain/names.js'
import { type Clock, createClock } from '../../helpers/clock.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines, messages } from '../../helpers/log.js'
import { addIdentityCredential, addManagedIdentity, identityFlags } from '../../helpers/managed-identity.js'
import {
  addApplication,
  addCredential,
  addServiceAccount,
  addServicePrincipal,
  issuerOf,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const kinds = ['application', 'managed identity'] as const
type Kind = (typeof kinds)[number]
const flags = (kind: Kind) => (kind === 'application' ? ['--aad-application-name', 'shared'] : identityFlags)
const create = (kind: Kind, ...more: readonly string[]) => createWithClock(kind, createClock(), ...more)
const createWithClock = (kind: Kind, clock: Clock, ...more: readonly string[]) =>
  test.azwi(['sa', 'create', '--service-account-name', 'app', ...flags(kind), ...more], {}, { clock })
const trust = () => ({ issuer: issuerOf(test.sandbox.state), subject: 'system:serviceaccount:default:app' })

/** Creates an identity that azwi did not create. `add` adds a credential to it. */
function addIdentity(kind: Kind) {
  if (kind === 'application') {
    const application = addApplication(test.sandbox.state, 'shared')
    addServicePrincipal(test.sandbox.state, application)
    return {
      credentials: () => application.federatedIdentityCredentials,
      add: (more: Parameters<typeof addCredential>[1]) => addCredential(application, more)
    }
  }
  const identity = addManagedIdentity(test.sandbox.state)
  return {
    credentials: () => identity.federatedIdentityCredentials,
    add: (more: Parameters<typeof addCredential>[1]) => addIdentityCredential(identity, more)
  }
}
function addIdentityWithCredentials(kind: Kind, count: number, issuer = issuerOf(test.sandbox.state)) {
  const identity = addIdentity(kind)
  for (let index = 0; index < count; index++)
    identity.add({ name: `taken-${index}`, subject: `system:serviceaccount:default:sa${index}`, issuer })
  return identity
}
const warnings = (stderr: string) =>
  logLines(stderr)
    .filter(({ level }) => level === 'WARN')
    .map(({ message }) => message)

describe.each(kinds)('the credentials of one %s', kind => {
  it('are found by issuer and subject: the same one under another name is kept', async () => {
    const { credentials, add } = addIdentity(kind)
    const theirs = { ...add({ ...trust(), name: 'made-by-hand' }) }
    const { status, stderr } = await create(kind)
    expect(status, stderr).toBe(0)
    expect(credentials()).toEqual([theirs])
    expect(messages(stderr)).toContain('[federated-identity] federated credential already exists')
  })

  it('get the right audience and keep all other fields, if azwi created them', async () => {
    const { credentials, add } = addIdentity(kind)
    const existing = {
      ...add({
        ...trust(),
        name: federatedIdentityCredentialName('default', 'app', trust().issuer),
        audiences: ['api://wrong'],
        ...(kind === 'application' ? { description: 'mine' } : {})
      })
    }
    const { status, stderr } = await create(kind)
    expect(status, stderr).toBe(0)
    expect(credentials()).toEqual([{ ...existing, audiences: ['api://AzureADTokenExchange'] }])
    expect(messages(stderr)).toContain('[federated-identity] updated federated credential')
    test.sandbox.requests.length = 0
    expect((await create(kind)).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('get the audience of --audience', async () => {
    const { credentials } = addIdentity(kind)
    const { status, stderr } = await create(kind, '--audience', 'api://Mine')
    expect(status, stderr).toBe(0)
    expect(credentials()).toMatchObject([{ audiences: ['api://Mine'] }])
  })

  it.each([
    [15, false],
    [16, true],
    [19, true]
  ])('cause a warning for the next one if there are %i: %s', async (count, warned) => {
    const { credentials } = addIdentityWithCredentials(kind, count)
    const { status, stderr } = await create(kind)
    expect(status, stderr).toBe(0)
    expect(credentials()).toHaveLength(count + 1)
    expect(warnings(stderr).some(text => text.includes(`${count + 1} of at most 20`))).toBe(warned)
  })

  it('are limited to 20: the next one fails before any write, with a list that marks the unused ones', async () => {
    const { state } = test.sandbox
    const { add } = addIdentityWithCredentials(kind, 18)
    add({ name: 'of-another-cluster' })
    add({ name: 'no-service-account', subject: 'repo:octo/cat:ref:refs/heads/main' })
    for (const index of [0, 1, 2]) addServiceAccount(state, `sa${index}`)
    const { status, stderr } = await create(kind, '--azure-role', 'Reader', '--azure-scope', 'sub:')
    expect(status, stderr).toBe(1)
    expect(writes(test.sandbox)).toEqual([])
    const listed = stderr.split('\n').filter(line => line.startsWith('  '))
    expect(listed).toHaveLength(20)
    const dead = listed.filter(line => line.includes('looks dead')).map(line => line.trim().split(/\s/, 1)[0])
    expect(dead.toSorted()).toEqual(Array.from({ length: 15 }, (_, index) => `taken-${index + 3}`).toSorted())
    expect(stderr).toMatch(/^Error: .*\b20\b/m)
    expect(stderr).toMatch(/^Hint: /m)
  })

  it('are not too many if the wanted one is among the 20', async () => {
    addIdentityWithCredentials(kind, 19).add({ ...trust(), name: 'mine' })
    const { status, stderr } = await create(kind)
    expect(status, stderr).toBe(0)
  })

  it('are listed without a mark if the cluster does not respond within three seconds', async () => {
    addIdentityWithCredentials(kind, 20)
    test.fault(async (request, service, next) =>
      service === 'kubernetes' && /\/serviceaccounts(\/sa\d+)?$/.test(request.path) ? { status: 500, body: {} } : next()
    )
    const clock = createClock()
    const { status, stderr } = await createWithClock(kind, clock)
    expect(status).toBe(1)
    expect(stderr).not.toContain('looks dead')
    expect(stderr.match(/^ {2}taken-/gm)).toHaveLength(20)
    // azwi sends one list request, for any number of credentials.
    expect(messages(stderr).filter(text => text.startsWith('waiting')).length).toBeLessThan(8)
    expect(clock.now()).toBe(3000)
  })
})
