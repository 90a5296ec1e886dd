import { describe, expect, it } from 'vitest'
import { builtInCloud, canonicalCloudName, cloudNames, exchangeAudienceOf } from '../../src/config/clouds.js'
import { UsageError } from '../../src/errors.js'

describe('the name of a cloud', () => {
  it.each([
    ['AzurePublicCloud', 'AzurePublicCloud'],
    ['azurepubliccloud', 'AzurePublicCloud'],
    ['AzureCloud', 'AzurePublicCloud'],
    ['AzureUSGovernmentCloud', 'AzureUSGovernmentCloud'],
    ['AzureUSGovernment', 'AzureUSGovernmentCloud'],
    ['AZURECHINACLOUD', 'AzureChinaCloud']
  ])('%s means %s', (text, name) => {
    expect(canonicalCloudName(text, '--azure-env')).toBe(name)
  })

  it.each(['', 'Azure', 'constructor', '__proto__', 'AzureGermanCloud'])(
    '%j is refused, with those that there are',
    text => {
      expect(() => canonicalCloudName(text, '--azure-env')).toThrow(UsageError)
    }
  )
})

describe('a built-in cloud', () => {
  it.each([
    ['AzurePublicCloud', 'api://AzureADTokenExchange'],
    ['AzureUSGovernmentCloud', 'api://AzureADTokenExchangeUSGov'],
    ['AzureChinaCloud', 'api://AzureADTokenExchangeChina']
  ] as const)('%s has the audience %s', (name, audience) => {
    expect(builtInCloud(name).exchangeAudience).toBe(audience)
  })

  it('has addresses over https without a slash at the end, each its own', () => {
    for (const name of cloudNames) {
      const { authority, resourceManager, graph } = builtInCloud(name)
      for (const url of [authority, resourceManager, graph]) expect(url).toMatch(/^https:\/\/[a-z.]+$/)
      expect(new Set([authority, resourceManager, graph]).size).toBe(3)
    }
  })

  it('lends its audience to the cloud of its name in a metadata document; an unknown one takes the public audience', () => {
    expect(exchangeAudienceOf('AzureUSGovernment')).toBe('api://AzureADTokenExchangeUSGov')
    expect(exchangeAudienceOf('Mine')).toBe('api://AzureADTokenExchange')
  })
})
