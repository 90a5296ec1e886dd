import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoted } from '../../src/clients/odata.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { addApplication, addServicePrincipal, writes } from '../helpers/state.js'

const test = useFaultySandbox()
/** Valid display names: printable and not blank. Surrogates are in pairs, because no other text can be sent. */
const displayName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter(text => text.trim() !== '' && !text.startsWith('-') && /^\P{C}+$/u.test(text) && text.length <= 256)

describe('an OData string literal', () => {
  it('doubles the quotes inside it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", 'a', ' ', '"', '\\', '%') }), text => {
        const inside = quoted(text).slice(1, -1)
        expect(inside.replaceAll("''", '')).not.toContain("'")
        expect(inside.replaceAll("''", "'")).toBe(text)
      })
    )
  })

  it('finds an application with any printable name', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(displayName, async name => {
        const { state } = test.sandbox
        state.applications.clear()
        const application = addApplication(state, name)
        addServicePrincipal(state, application)
        addApplication(state, `${name}'`)
        test.sandbox.requests.length = 0
        const { status, stderr } = await test.run(
          'sa',
          'create',
          'phase',
          'app',
          '--service-account-name',
          'app',
          '--aad-application-name',
          name
        )
        expect(status, stderr).toBe(0)
        expect(writes(test.sandbox)).toEqual([])
        expect(stderr).toContain(application.appId)
      }),
      { numRuns: 30, examples: [["O'Brien"], ["'"], ['a&b=c#d?e/f%20+g'], ['日本 ❤️']] }
    )
  })
})
