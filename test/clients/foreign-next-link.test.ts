import { describe, expect, it } from 'vitest'
import { AuthorizationClient } from '../../src/clients/arm/authorization.js'
import { ManagedIdentityClient } from '../../src/clients/arm/managed-identities.js'
import { ResourceManagerClient } from '../../src/clients/arm/resource-manager.js'
import { GraphClient } from '../../src/clients/graph/client.js'
import { builtInCloud } from '../../src/config/clouds.js'
import type { RetryBudget } from '../../src/net/retry-budget.js'
import { fakeCredential, type FakeTransport, fakeTransport } from '../helpers/fake-transport.js'

const cloud = builtInCloud('AzurePublicCloud')
const subscriptionId = '00000000-0000-0000-0000-000000000001'
const noRetries: RetryBudget = { remaining: () => 60_000, wait: () => Promise.reject(new Error('no retry expected')) }

const lists: readonly (readonly [string, string, string, (transport: FakeTransport) => Promise<readonly unknown[]>])[] =
  [
    [
      'Graph',
      '@odata.nextLink',
      'https://graph.microsoft.com',
      transport => new GraphClient(cloud, fakeCredential, transport, noRetries).applications.named('shop')
    ],
    [
      'role assignments',
      'nextLink',
      'https://management.azure.com',
      transport =>
        new AuthorizationClient(subscriptionId, cloud, fakeCredential, transport, noRetries).assignmentsWithin(
          `/subscriptions/${subscriptionId}`
        )
    ],
    [
      'managed identities',
      'nextLink',
      'https://management.azure.com',
      transport => new ManagedIdentityClient(cloud, fakeCredential, transport, noRetries).identitiesIn(subscriptionId)
    ],
    [
      'AKS clusters',
      'nextLink',
      'https://management.azure.com',
      transport => new ResourceManagerClient(cloud, fakeCredential, transport).aksClusters(subscriptionId)
    ]
  ]

/** Returns a transport that answers with two pages, the second one at `next`. */
const twoPages = (link: string, next: string): FakeTransport =>
  fakeTransport(({ url }) => ({
    body: { value: [], ...(new URL(url).pathname.includes('page2') ? {} : { [link]: next }) }
  }))

describe.each(lists)('a list of %s', (_, link, origin, list) => {
  it.each(['https://attacker.example/page2', 'http://management.azure.com/page2', 'http://graph.microsoft.com/page2'])(
    'refuses a next page at %s and sends nothing there',
    async next => {
      const transport = twoPages(link, next)
      await expect(list(transport)).rejects.toMatchObject({ code: 'ForeignNextLink' })
      expect(transport.requests.map(({ url }) => new URL(url).origin)).toEqual([origin])
    }
  )

  it('follows a next page of the same origin, with the token', async () => {
    const transport = twoPages(link, `${origin}:443/page2`)
    await list(transport)
    expect(transport.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer token',
      'Bearer token'
    ])
  })
})
