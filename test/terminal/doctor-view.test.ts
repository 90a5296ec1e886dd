import { describe, expect, it } from 'vitest'
import { type Diagnosed, fail, type Finding, ok, skipped, warn } from '../../src/doctor/finding.js'
import { doctorView } from '../../src/terminal/views/doctor.js'

const cluster: Diagnosed = {
  serviceAccount: undefined,
  findings: [
    ok('aks-oidc-issuer', 'its issuer is on'),
    ok('issuer-https', 'the issuer is https'),
    ok('issuer-discovery', 'it can be fetched')
  ]
}
const account = (serviceAccount: string, ...findings: readonly Finding[]): Diagnosed => ({ serviceAccount, findings })
const textOf = (...diagnosed: readonly Diagnosed[]): string => doctorView({ diagnosed }, false).text
const slash = fail('credential', 'no credential is for this issuer', {
  found: 'https://a/',
  expected: 'https://a',
  details: ['https://a/', '         ^ not there'],
  fix: ['az one --parameters \'{"a":1}\'', 'az two']
})
const noRole = warn('roles', 'it has no role', { fix: ['azwi three'] })
const unread = skipped('roles', 'roles could not be read')

describe("the doctor's text", () => {
  it('shows one service account in full: failures with their fixes first, then the chain, then the counts', () => {
    expect(
      textOf(
        cluster,
        account(
          'shop/web',
          noRole,
          ok('pod-label', 'it has the label', 'deployment/web'),
          slash,
          skipped('credential-audience', 'there is none'),
          skipped('credential-count', 'there is none')
        )
      )
    ).toBe(`\
✗ fail: shop/web: no credential is for this issuer [credential]
    found:    https://a/
    expected: https://a
    https://a/
             ^ not there
    Fix:
        az one --parameters '{"a":1}'
        az two

! warn: shop/web: it has no role [roles]
    Fix:
        azwi three

cluster
├── ✓ AKS: its issuer is on
├── ✓ issuer
│   ├── ✓ the issuer is https
│   └── ✓ it can be fetched
└── ✗ service account shop/web
    ├── ✗ credential
    │   ├── ✗ fail: no credential is for this issuer
    │   └── – skipped: credential-audience, credential-count: there is none
    ├── ! roles: warn: it has no role
    └── ✓ pods: deployment/web: it has the label

1 service account: 1 fails, 1 warning, 4 ok, 2 skipped
`)
  })

  it('shows the chain only of service accounts with a problem, and lists the skipped checks of the others', () => {
    expect(
      textOf(
        cluster,
        account('a/one', ok('service-account', 'it is there'), noRole),
        account('a/two', ok('service-account', 'it is there'), unread),
        account('a/three', unread)
      )
    ).toBe(`\
! warn: a/one: it has no role [roles]
    Fix:
        azwi three

cluster
├── ✓ AKS
├── ✓ issuer
├── ! service account a/one
│   ├── ✓ annotations
│   └── ! roles: warn: it has no role
├── ✓ service account a/two (1 check skipped)
└── – service account a/three (1 check skipped)

Not checked:
  – roles: roles could not be read (2 service accounts)

3 service accounts: 1 warning, 5 ok, 2 skipped
`)
  })

  it('counts the service accounts without a problem if there are many, and shows the most frequent reasons', () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      account(
        `a/${index}`,
        ok('service-account', 'it is there'),
        unread,
        ...(index < 12 ? [skipped('proof', `reason ${index}`)] : [])
      )
    )
    const lines = textOf(cluster, account('a/failed', slash), ...many).split('\n')
    expect(lines.length).toBeLessThan(40)
    expect(lines).toContain('└── ✓ 500 more service accounts, with which nothing wrong was found')
    expect(lines).toContain('  – roles: roles could not be read (500 service accounts)')
    expect(lines).toContain('  – 3 more reasons: -o json has them')
    expect(lines.at(-2)).toBe('501 service accounts: 1 fails, 503 ok, 512 skipped')
  })

  it('names the cluster, the service account or the pod of a finding', () => {
    expect(
      textOf(
        { serviceAccount: undefined, findings: [fail('webhook-present', 'there is none')] },
        account('a/b', warn('pod-label', 'it has none', {}, 'pod/x'))
      )
    ).toMatch(
      /^✗ fail: cluster: there is none \[webhook-present\]\n\n! warn: a\/b, pod\/x: it has none \[pod-label\]\n\n/
    )
  })

  it('keeps text from a server on its line, and shows an empty value as (empty)', () => {
    const [first, second, third, fourth] = textOf(
      account('a/b', fail('identity', 'x\n✓ y', { found: '', expected: '\x1b[2Jz', fix: ['a\nb'] }))
    ).split('\n')
    expect([first, second, third, fourth]).toEqual([
      '✗ fail: a/b: x ✓ y [identity]',
      '    found:    (empty)',
      '    expected:  [2Jz',
      '    Fix:'
    ])
  })

  it('is colored by outcome, and is the same text without colors', () => {
    const tagged =
      (name: string) =>
      (text: string): string =>
        `<${name}>${text}</${name}>`
    const diagnosis = {
      diagnosed: [account('a/b', slash, noRole, skipped('proof', 'no'), ok('identity', 'it is there'))]
    }
    const colors = {
      red: tagged('red'),
      yellow: tagged('yellow'),
      gray: tagged('gray'),
      cyan: tagged('cyan'),
      green: tagged('green')
    }
    const { text } = doctorView(diagnosis, false, colors)
    for (const line of [
      '<red>✗ fail: a/b: no credential is for this issuer [credential]</red>',
      '        <cyan>az two</cyan>',
      '<yellow>! roles: warn: it has no role</yellow>',
      '<gray>– proof: skipped: proof: no</gray>',
      '── ✓ identity: it is there'
    ])
      expect(text).toContain(line)
    expect(text.replace(/<\/?(?:red|yellow|gray|cyan)>/g, '')).toBe(doctorView(diagnosis, false).text)
  })
})

describe("the doctor's other formats", () => {
  it('has the shape of docs/output.md for programs', () => {
    expect(
      doctorView({ diagnosed: [cluster, account('a/b', slash, ok('pod-label', 'yes', 'pod/x'))] }, false).data
    ).toEqual({
      summary: { serviceAccounts: 1, fail: 1, warn: 0, ok: 4, skipped: 0 },
      results: [
        {
          findings: expect.arrayContaining([
            { check: 'aks-oidc-issuer', area: 'aks', outcome: 'ok', message: 'its issuer is on' }
          ]) as unknown
        },
        {
          serviceAccount: 'a/b',
          findings: [
            {
              check: 'credential',
              area: 'credential',
              outcome: 'fail',
              message: slash.message,
              found: slash.found,
              expected: slash.expected,
              fix: slash.fix,
              details: slash.details
            },
            { check: 'pod-label', area: 'pod', outcome: 'ok', message: 'yes', of: 'pod/x' }
          ]
        }
      ]
    })
  })

  it('has no empty lists', () => {
    expect(
      JSON.stringify(
        doctorView({ diagnosed: [account('a/b', fail('proof', 'no', { details: [], fix: [] }))] }, false).data
      )
    ).not.toContain('[]')
  })

  it('lists the service accounts with a failure as names, and with strict those with a warning too', () => {
    const diagnosis = {
      diagnosed: [cluster, account('a/failed', slash), account('a/warned', noRole), account('a/passed', unread)]
    }
    expect(doctorView(diagnosis, false)).toMatchObject({ names: ['serviceaccount/a/failed'], hasPassed: false })
    expect(doctorView(diagnosis, true).names).toEqual(['serviceaccount/a/failed', 'serviceaccount/a/warned'])
  })

  it.each([
    [[ok('proof', 'yes'), unread], false, true],
    [[ok('proof', 'yes'), unread], true, true],
    [[noRole], false, true],
    [[noRole], true, false],
    [[slash], false, false]
  ])('has passed, or not, for case %#', (findings, strict, hasPassed) => {
    expect(doctorView({ diagnosed: [cluster, account('a/b', ...findings)] }, strict).hasPassed).toBe(hasPassed)
    expect(doctorView({ diagnosed: [{ serviceAccount: undefined, findings }] }, strict).hasPassed).toBe(hasPassed)
  })
})
