import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGuid } from '../../src/domain/azure-ids.js'
import { roleAssignmentName } from '../../src/domain/names.js'

const subscription = '/subscriptions/11111111-1111-1111-1111-111111111111'
const scope = `${subscription}/resourceGroups/team`
const principal = '22222222-2222-2222-2222-222222222222'
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

describe('roleAssignmentName', () => {
  it('is the version 5 UUID that another implementation computes', () => {
    // python3: uuid.uuid5(uuid.UUID('175e72cb-9b27-4814-a62f-6ac72968cb5f'), json.dumps([scope, principal, role], separators=(',', ':')))
    expect(roleAssignmentName(scope, principal, reader)).toBe('7ed234ae-8689-57ff-8d5d-79dff89d7ec7')
  })

  it('ignores case, a slash at the end, and the scope in the ID of the role', () => {
    const name = roleAssignmentName(scope, principal, reader)
    const definition = `/providers/Microsoft.Authorization/roleDefinitions/${reader}`
    const same: readonly (readonly [string, string, string])[] = [
      [scope.toLowerCase(), principal, reader],
      [`${scope}/`, principal, reader],
      [scope, principal, definition],
      [scope, principal, `${subscription}${definition}`],
      [scope.toUpperCase(), principal.toUpperCase(), `${scope}${definition}/`.toUpperCase()]
    ]
    for (const parts of same) expect(roleAssignmentName(...parts)).toBe(name)
  })

  it('is a GUID of version 5, and different for another scope, principal or role', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (group, who, role) => {
        fc.pre(new Set([group, who, role]).size === 3)
        const at = (id: string) => `${subscription}/resourceGroups/${id}`
        const names = [
          roleAssignmentName(at(group), who, role),
          roleAssignmentName(at(who), who, role),
          roleAssignmentName(at(group), role, role),
          roleAssignmentName(at(group), who, who)
        ]
        expect(new Set(names).size).toBe(4)
        for (const name of names) {
          expect(isGuid(name)).toBe(true)
          expect(name).toMatch(/^.{14}5.{4}[89ab]/)
        }
      })
    )
  })

  it('is different for the root scope and a subscription', () => {
    expect(roleAssignmentName('/', principal, reader)).not.toBe(roleAssignmentName(subscription, principal, reader))
  })
})
