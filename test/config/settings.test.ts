import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flagOf, type OptionName, options } from '../../src/config/options.js'
import { Settings } from '../../src/config/settings.js'
import { UsageError } from '../../src/errors.js'

const guid = fc.uuid()
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

describe('settings', () => {
  it('take the flag before the environment before nothing, and know which it was', () => {
    fc.assert(
      fc.property(maybe(guid), maybe(guid), (flag, variable) => {
        const settings = new Settings(['subscriptionId'], flag === undefined ? {} : { subscriptionId: flag }, {
          AZURE_SUBSCRIPTION_ID: variable
        })
        expect(settings.get('subscriptionId')).toBe(flag ?? variable)
        expect(settings.given('subscriptionId')).toBe((flag ?? variable) !== undefined)
        expect(settings.origin('subscriptionId')).toBe(
          flag === undefined && variable !== undefined ? 'AZURE_SUBSCRIPTION_ID' : '--subscription-id'
        )
      })
    )
  })

  it('take the flag before the default, which was not given by anybody', () => {
    fc.assert(
      fc.property(maybe(fc.integer({ min: 3600, max: 86_400 })), seconds => {
        const settings = new Settings(
          ['serviceAccountTokenExpiration'],
          seconds === undefined ? {} : { serviceAccountTokenExpiration: String(seconds) },
          {}
        )
        expect(settings.get('serviceAccountTokenExpiration')).toBe(seconds ?? 3600)
        expect(settings.given('serviceAccountTokenExpiration')).toBe(seconds !== undefined)
      })
    )
  })

  it('take an empty variable as none, and an empty flag as wrong', () => {
    expect(new Settings(['clientId'], {}, { AZURE_CLIENT_ID: '' }).get('clientId')).toBeUndefined()
    expect(() => new Settings(['clientId'], { clientId: '' }, {})).toThrow(UsageError)
  })

  it('do not look at what the command has no use for', () => {
    expect(() => new Settings(['serviceAccountName'], {}, { AZURE_SUBSCRIPTION_ID: 'nonsense' })).not.toThrow()
  })

  it('name flag and value of what is wrong, or the variable', () => {
    expect(() => new Settings(['clientId'], { clientId: 'nonsense' }, {})).toThrow(/--client-id "nonsense"/)
    expect(() => new Settings(['clientId'], {}, { AZURE_CLIENT_ID: 'nonsense' })).toThrow(/AZURE_CLIENT_ID "nonsense"/)
  })

  it('never repeat a secret', () => {
    expect(() => new Settings(['clientSecret', 'clientId'], { clientSecret: 's3cret', clientId: 'x' }, {})).toThrow(
      /^(?!.*s3cret)/
    )
  })

  it('say which flag is missing, and which variable would do', () => {
    const error = thrown(() => new Settings(['clientId'], {}, {}).require('clientId'))
    expect(error).toMatchObject({
      message: expect.stringContaining('--client-id') as string,
      hint: expect.stringContaining('AZURE_CLIENT_ID') as string,
      exitCode: 2
    })
  })

  it('have a default that their own rules accept, and a flag in kebab case, for every option', () => {
    for (const name of Object.keys(options) as OptionName[]) {
      expect(() => new Settings([name], {}, {})).not.toThrow()
      expect(flagOf(name)).toMatch(/^--[a-z]+(-[a-z]+)*$/)
    }
  })
})

function thrown(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
