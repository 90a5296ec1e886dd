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

  it.each(['', 'Azure', 'constructor', '__proto__', 'AzureGermanCloud'])('%j is refused', text => {
    expect(() => canonicalCloudName(text, '--azure-env')).toThrow(UsageError)
  })
})

describe('a built-in cloud', () => {
  it.each([
    ['AzurePublicCloud', 'api://AzureADTokenExchange'],
    ['AzureUSGovernmentCloud', 'api://AzureADTokenExchangeUSGov'],
    ['AzureChinaCloud', 'api://AzureADTokenExchangeChina']
  ] as const)('%s has the audience %s', (name, audience) => {
    expect(builtInCloud(name).exchangeAudience).toBe(audience)
  })

  it('has distinct https URLs without a trailing slash', () => {
    for (const name of cloudNames) {
      const { authority, resourceManager, graph } = builtInCloud(name)
      for (const url of [authority, resourceManager, graph]) expect(url).toMatch(/^https:\/\/[a-z.]+$/)
      expect(new Set([authority, resourceManager, graph]).size).toBe(3)
    }
  })

  it('defines the audience for its name; an unknown cloud has the public audience', () => {
    expect(exchangeAudienceOf('AzureUSGovernment')).toBe('api://AzureADTokenExchangeUSGov')
    expect(exchangeAudienceOf('Mine')).toBe('api://AzureADTokenExchange')
  })
})
