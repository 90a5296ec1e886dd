import { describe, expect, it } from 'vitest'
import { type Diagnosis, fail, ok, skipped, warn } from '../../src/doctor/finding.js'
import { doctorJunit } from '../../src/terminal/views/doctor-junit.js'
import { type ParsedElement, parseXml } from '../helpers/xml.js'

const diagnosis: Diagnosis = {
  diagnosed: [
    { serviceAccount: undefined, findings: [ok('issuer-https', 'yes')] },
    {
      serviceAccount: 'shop/web',
      findings: [
        fail('credential', 'no "credential" <here> & now', {
          found: 'a\tb',
          expected: "it's ]]> that",
          details: ['a', ' ^'],
          fix: ["az x '<role>=<scope>'"]
        }),
        warn('roles', 'it has no role', { fix: ['azwi y'] }),
        skipped('proof', 'not\nread'),
        ok('pod-label', 'yes', 'pod/x')
      ]
    }
  ]
}
const casesOf = (root: ParsedElement): ParsedElement[] => root.children.flatMap(({ children }) => children)
const named = (root: ParsedElement, name: string): ParsedElement =>
  casesOf(root).find(({ attributes }) => attributes.name === name)!

describe("the doctor's JUnit XML", () => {
  it('has a suite for the cluster and for each service account, with the counts, and a case for each check', () => {
    const root = parseXml(doctorJunit(diagnosis, false))
    expect([root.name, root.attributes]).toEqual([
      'testsuites',
      { name: 'azwi doctor', tests: '5', failures: '1', errors: '0', skipped: '1' }
    ])
    expect(root.children.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['testsuite', { name: 'cluster', tests: '1', failures: '0', errors: '0', skipped: '0' }],
      ['testsuite', { name: 'shop/web', tests: '4', failures: '1', errors: '0', skipped: '1' }]
    ])
    expect(
      casesOf(root).map(({ name, attributes, children }) => [
        name,
        attributes.classname,
        attributes.name,
        ...children.map(child => child.name)
      ])
    ).toEqual([
      ['testcase', 'issuer', 'issuer-https'],
      ['testcase', 'credential', 'credential shop/web', 'failure'],
      ['testcase', 'roles', 'roles shop/web', 'system-out'],
      ['testcase', 'proof', 'proof shop/web', 'skipped'],
      ['testcase', 'pod', 'pod-label shop/web pod/x']
    ])
  })

  it('shows the found and the expected value of a failure, and its fix', () => {
    const [failure] = named(parseXml(doctorJunit(diagnosis, false)), 'credential shop/web').children
    expect(failure!.attributes).toEqual({ message: 'no "credential" <here> & now', type: 'fail' })
    expect(failure!.text).toBe(
      "no \"credential\" <here> & now\nfound:    a\tb\nexpected: it's ]]> that\na\n ^\nFix:\naz x '<role>=<scope>'"
    )
    expect(named(parseXml(doctorJunit(diagnosis, false)), 'proof shop/web').children[0]!.attributes).toEqual({
      message: 'not\nread'
    })
  })

  it('reports a warning as output, and with strict as a failure', () => {
    expect(named(parseXml(doctorJunit(diagnosis, false)), 'roles shop/web').children[0]!.text).toBe(
      'warning: it has no role\nFix:\nazwi y'
    )
    const strict = parseXml(doctorJunit(diagnosis, true))
    expect(strict.attributes).toMatchObject({ tests: '5', failures: '2' })
    expect(named(strict, 'roles shop/web').children.map(({ name, attributes }) => [name, attributes.type])).toEqual([
      ['failure', 'warn']
    ])
  })

  it('is well-formed for any text from a server', () => {
    const all =
      Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('') +
      '\u2028\ud800 \udfff \ufffe\uffff \u{1f600}'
    const xml = doctorJunit(
      { diagnosed: [{ serviceAccount: all, findings: [fail('identity', all, { found: all }, all)] }] },
      false
    )
    expect(xml).not.toMatch(/[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|&#(?:[0-8]|1[1-24-9]|2\d|3[01]);/)
    expect(Buffer.from(xml).toString()).toBe(xml)
    const shown = all.replace(
      /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])/g,
      '\ufffd'
    )
    const [failure] = casesOf(parseXml(xml))[0]!.children
    expect(failure!.attributes.message).toBe(shown)
    expect(failure!.text).toBe(`${shown}\nfound:    ${shown}`)
  })
})
