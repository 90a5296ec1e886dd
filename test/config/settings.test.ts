import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flagOf, optionFor, type OptionName, options } from '../../src/config/options.js'
import { everyVerb } from '../../src/config/options/option.js'
import { Settings } from '../../src/config/settings.js'
import { UsageError } from '../../src/errors.js'

const guid = fc.uuid()
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

describe('settings', () => {
  it('take the flag before the environment, and report the origin', () => {
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

  it('take the flag before the default, which does not count as given', () => {
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

  it('ignore an empty variable, and refuse an empty flag', () => {
    expect(new Settings(['clientId'], {}, { AZURE_CLIENT_ID: '' }).get('clientId')).toBeUndefined()
    expect(() => new Settings(['clientId'], { clientId: '' }, {})).toThrow(UsageError)
  })

  it('ignore the variables of options that the command does not take', () => {
    expect(() => new Settings(['serviceAccountName'], {}, { AZURE_SUBSCRIPTION_ID: 'nonsense' })).not.toThrow()
  })

  it('name the flag or the variable, and the value, of an invalid setting', () => {
    expect(() => new Settings(['clientId'], { clientId: 'nonsense' }, {})).toThrow(/--client-id "nonsense"/)
    expect(() => new Settings(['clientId'], {}, { AZURE_CLIENT_ID: 'nonsense' })).toThrow(/AZURE_CLIENT_ID "nonsense"/)
  })

  it('leave a secret out of the error', () => {
    expect(() => new Settings(['clientSecret', 'clientId'], { clientSecret: 's3cret', clientId: 'x' }, {})).toThrow(
      /^(?!.*s3cret)/
    )
  })

  it('name the missing flag, and the variable that can replace it', () => {
    const error = thrown(() => new Settings(['clientId'], {}, {}).require('clientId'))
    expect(error).toMatchObject({
      message: expect.stringContaining('--client-id') as string,
      hint: expect.stringContaining('AZURE_CLIENT_ID') as string,
      exitCode: 2
    })
  })

  it('accept every default, and have every flag in kebab case', () => {
    for (const name of Object.keys(options) as OptionName[]) {
      expect(() => new Settings([name], {}, {})).not.toThrow()
      for (const verb of everyVerb) {
        const { default: text } = optionFor(name, verb)
        if (text !== undefined) expect(() => new Settings([name], { [name]: text }, {})).not.toThrow()
      }
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
