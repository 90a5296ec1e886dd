import { describe, expect, it } from 'vitest'
import { difference } from '../../src/doctor/explain/difference.js'
import { editDistance } from '../../src/doctor/explain/text-diff.js'

const subject = 'system:serviceaccount:shop:checkout'
const issuer = 'https://issuer.example.com/cluster/'

describe('the description of a difference', () => {
  it.each([
    ['https://issuer.example.com/cluster', issuer, 'lacks the slash at its end'],
    [`${issuer}/`, issuer, 'has a slash too many at its end'],
    [`${issuer}//`, issuer, 'has 2 slashes too many at its end'],
    ['', issuer, 'is empty'],
    [` ${subject}`, subject, 'begins with a space'],
    [`${subject}\n`, subject, 'ends with a line break'],
    ['system:serviceaccount:shop: checkout', subject, 'has a space inside'],
    [` ${subject}\u200b`, subject, 'begins with a space and ends with a zero-width space'],
    ['system:serviceaccount:Shop:checkout', subject, 'differs in letter case ("S" for "s")'],
    [subject.toUpperCase(), subject, 'differs in letter case'],
    [
      'https://Issuer.example.com/cluster',
      issuer,
      'lacks the slash at its end and differs in letter case ("I" for "i")'
    ],
    ['http://issuer.example.com/cluster/', issuer, 'begins with http:// in place of https://'],
    [
      `${issuer}.well-known/openid-configuration`,
      issuer,
      'is the address of the discovery document, and not the issuer before it'
    ],
    ['https://other.example.com/cluster/', issuer, 'is of another host: other.example.com, and not issuer.example.com'],
    ['https://issuer.example.com/closter/', issuer, 'has "o" in place of "u" at character 30'],
    ['system:serviceaccount:checkout:shop', subject, 'has namespace and name swapped'],
    ['system:serviceaccount:checkout:shop ', subject, 'ends with a space and has namespace and name swapped'],
    [
      'system:serviceaccount:store: checkout',
      subject,
      'has a space inside and names the namespace "store", and not "shop"'
    ],
    ['system:serviceaccount:store:checkout', subject, 'names the namespace "store", and not "shop"'],
    ['system:serviceaccount:shop:checkuot', subject, 'names the service account "checkuot", and not "checkout"'],
    ['system:serviceaccount:store:cart', subject, 'names the service account store/cart, and not shop/checkout'],
    ['system:serviceaccounts:shop:checkout', subject, 'has "s" too many at character 22'],
    ['shop:checkout', subject, 'lacks "system:serviceaccount:" at character 1'],
    ['api://AzureADTokenExchangeChina', 'api://AzureADTokenExchange', 'is the audience of the cloud AzureChinaCloud'],
    ['api://AzureADTokenExchange', 'api://AzureADTokenExchangeUSGov', 'is the audience of the cloud AzurePublicCloud'],
    [`"${issuer}"`, issuer, 'has "\\"" before it and "\\"" after it'],
    ['repo:shop/checkout:ref:refs/heads/main', subject, 'is another']
  ])('%j for %j: %s', (found, expected, description) => {
    expect(difference(found, expected).description).toBe(description)
  })
})

describe('the marked lines', () => {
  it('have carets under the characters that differ', () => {
    expect(difference('https://issuer.example.com/cluster', issuer).lines).toEqual([
      'found     https://issuer.example.com/cluster',
      'expected  https://issuer.example.com/cluster/',
      '                                            ^'
    ])
  })

  it('have a caret under each letter in another case', () => {
    expect(difference('ns:Shop:CheckouT', 'ns:shop:checkout').lines[2]).toBe('             ^    ^      ^')
  })

  it('have no carets under the equal part inside a longer value', () => {
    expect(difference('"shop"', 'shop').lines).toEqual(['found     "shop"', 'expected   shop', '          ^    ^'])
    expect(difference(' shop ', 'shop').lines[2]).toBe('          ^    ^')
  })

  it('show invisible characters as escapes', () => {
    expect(difference('shop\u00a0\n', 'shop').lines).toEqual([
      'found     shop\\u{a0}\\n',
      'expected  shop',
      '              ^^^^^^^^'
    ])
  })

  it('are shortened around the difference in a long value', () => {
    const [found = '', expected = '', carets = ''] = difference(
      `${'a'.repeat(200)}x${'b'.repeat(200)}`,
      `${'a'.repeat(200)}y${'b'.repeat(200)}`
    ).lines
    expect([found.length, found.startsWith('found     …aaa'), found.endsWith('bbb…')]).toEqual([
      10 + 1 + 40 + 1 + 80 + 1,
      true,
      true
    ])
    expect([found[carets.length - 1], expected[carets.length - 1]]).toEqual(['x', 'y'])
  })
})

it.each([
  ['', '', 0],
  ['kitten', 'sitting', 3],
  ['shop', 'shpo', 2],
  ['', 'abc', 3],
  ['abc', '', 3]
])('editDistance(%j, %j) is %i', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance)
})
