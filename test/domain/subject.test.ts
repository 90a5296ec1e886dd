import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseServiceAccountSubject, serviceAccountSubject } from '../../src/domain/subject.js'

describe('service account subjects', () => {
  it('have the same form as in Kubernetes', () => {
    expect(serviceAccountSubject('default', 'azwi-sa')).toBe('system:serviceaccount:default:azwi-sa')
  })

  it('parse to the namespace and name that they were created from', () => {
    const namespaces = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    const names = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?){0,4}$/)
    fc.assert(
      fc.property(namespaces, names, (namespace, name) => {
        expect(parseServiceAccountSubject(serviceAccountSubject(namespace, name))).toEqual({ namespace, name })
      })
    )
  })

  it('are the only texts that parse', () => {
    const near = fc
      .array(fc.constantFrom('system', 'serviceaccount', ':', 'a', 'B', '-', '.', ' '), { maxLength: 8 })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near,
          near.map(text => `system:serviceaccount:${text}`)
        ),
        text => {
          const parsed = parseServiceAccountSubject(text)
          if (parsed) expect(serviceAccountSubject(parsed.namespace, parsed.name)).toBe(text)
        }
      )
    )
  })

  it.each([
    '',
    'default:azwi-sa',
    'System:ServiceAccount:default:azwi-sa',
    'system:serviceaccount:default',
    'system:serviceaccount::azwi-sa',
    'system:serviceaccount:default:azwi-sa:more',
    'system:serviceaccount:Default:azwi-sa',
    ' system:serviceaccount:default:azwi-sa',
    'repo:octo/repo:ref:refs/heads/main'
  ])('do not include %j', text => {
    expect(parseServiceAccountSubject(text)).toBeUndefined()
  })
})
