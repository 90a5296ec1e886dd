import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isGuid } from '../../src/domain/azure-ids.js'

it('isGuid accepts every GUID in either case', () => {
  fc.assert(
    fc.property(fc.uuid(), guid => {
      expect(isGuid(guid) && isGuid(guid.toUpperCase())).toBe(true)
    })
  )
  expect(isGuid('00000000-0000-0000-0000-000000000000')).toBe(true)
})

it.each([
  '',
  '{00000000-0000-0000-0000-000000000000}',
  '00000000000000000000000000000000',
  '00000000-0000-0000-0000-00000000000g',
  '00000000-0000-0000-0000-0000000000000',
  '00000000-0000-0000-0000-000000000000\n',
  'team'
])('isGuid refuses %j', text => {
  expect(isGuid(text)).toBe(false)
})
