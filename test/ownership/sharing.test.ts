import { describe, expect, it } from 'vitest'
import { Settings } from '../../src/config/settings.js'
import type { Context } from '../../src/context.js'
import type { FederatedIdentityCredential } from '../../src/domain/credential.js'
import type { Identity } from '../../src/identities/identity.js'
import { credentialsOfOthers, sharingServices, usedByOthers } from '../../src/ownership/sharing.js'

const issuer = 'https://issuer.example/'
const credential = (account: string, more: Partial<FederatedIdentityCredential> = {}): FederatedIdentityCredential => ({
  name: account,
  issuer,
  subject: `system:serviceaccount:default:${account}`,
  audiences: ['api://AzureADTokenExchange'],
  ...more
})
const names = ['serviceAccountName', 'serviceAccountNamespace', 'serviceAccountIssuerUrl'] as const
const settingsWith = (flags: Partial<Record<(typeof names)[number], string>>) => new Settings(names, flags, {})

async function othersOf(
  listed: readonly FederatedIdentityCredential[],
  flags: Partial<Record<(typeof names)[number], string>>,
  isLeaving?: Context['isLeaving']
) {
  const context = {
    settings: settingsWith(flags),
    issuer: () => (listed.length === 0 ? Promise.reject(new Error('not needed')) : Promise.resolve(issuer)),
    ...(isLeaving && { isLeaving })
  } as unknown as Context
  const identity = { credentials: { list: () => Promise.resolve(listed) } } as unknown as Identity
  return (await credentialsOfOthers(context, identity)).map(({ name }) => name)
}

describe('the credentials of other users of an identity', () => {
  const app = { serviceAccountName: 'app', serviceAccountNamespace: 'default' }

  it('are all but that of the service account', async () => {
    expect(await othersOf([credential('app'), credential('other')], app)).toEqual(['other'])
    expect(await othersOf([credential('app')], app)).toEqual([])
  })

  it('include those of another issuer or namespace', async () => {
    const elsewhere = credential('app', { name: 'elsewhere', issuer: 'https://other.example/' })
    const namespace = credential('app', { name: 'namespace', subject: 'system:serviceaccount:shop:app' })
    expect(await othersOf([credential('app'), elsewhere, namespace], app)).toEqual(['elsewhere', 'namespace'])
  })

  it('do not include those that this run deletes', async () => {
    const isLeaving: Context['isLeaving'] = ({ subject }) => subject.endsWith(':leaving')
    expect(await othersOf([credential('leaving'), credential('other')], app, isLeaving)).toEqual(['other'])
  })

  it('need no issuer if there are none', async () => {
    expect(await othersOf([], app)).toEqual([])
  })

  it('without a name of the service account: are all, unless there is only one', async () => {
    expect(await othersOf([credential('one')], {})).toEqual([])
    expect(await othersOf([credential('one'), credential('two')], {})).toEqual(['one', 'two'])
  })
})

describe('the services that this calls', () => {
  it('are those of the issuer, and none without a service account', () => {
    expect(sharingServices(settingsWith({}))).toEqual([])
    expect(sharingServices(settingsWith({ serviceAccountName: 'app' }))).toEqual(['kubernetes'])
    expect(sharingServices(settingsWith({ serviceAccountName: 'app', serviceAccountIssuerUrl: issuer }))).toEqual([])
  })
})

describe('the users of an identity', () => {
  const users = ['a', 'b', 'c', 'd', 'e'].map(name => credential(name, { subject: name }))
  it.each([
    [1, 'it is used by a'],
    [3, 'it is used by a, b, c'],
    [4, 'it is used by a, b, c and 1 more'],
    [5, 'it is used by a, b, c and 2 more']
  ])('are named, up to three of %i', (count, text) => {
    expect(usedByOthers(users.slice(0, count))).toBe(text)
  })
})
