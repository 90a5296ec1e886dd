import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ansiColors, noColors } from '../../src/terminal/colors.js'
import { createLog, type Fields, type Level, quoteIfNeeded } from '../../src/terminal/log.js'

interface Setup {
  readonly seconds?: number
  readonly debug?: boolean
  readonly color?: boolean
}

/** Returns what a log writes for one message. `seconds` is the age of the log. */
function logged(
  level: Level,
  message: string,
  fields?: Fields,
  { seconds = 0, debug = false, color = false }: Setup = {}
): string {
  let text = ''
  let clock = 1_000_000
  const log = createLog({
    write: chunk => {
      text += chunk
    },
    now: () => clock,
    colors: () => (color ? ansiColors : noColors),
    debug
  })
  clock += seconds * 1000
  log[level](message, fields)
  return text
}

describe('a log line', () => {
  it('has the format of the Go azwi', () => {
    const fields = {
      name: 'default-azwi-sa-1g7d=',
      objectID: '19888f97-e0d3-4f61-8eb9-b87bf161e27d',
      clientID: '936ed007-52c2-4785-8c09-04eeca2e5970'
    }
    expect(logged('info', '[aad-application] created an AAD application', fields, { seconds: 5.9 })).toBe(
      'INFO[0005] [aad-application] created an AAD application  clientID=936ed007-52c2-4785-8c09-04eeca2e5970 ' +
        'name="default-azwi-sa-1g7d=" objectID=19888f97-e0d3-4f61-8eb9-b87bf161e27d\n'
    )
    expect(logged('info', 'skipping phase', { phase: 'role-assignment' }, { seconds: 3 })).toBe(
      'INFO[0003] skipping phase                                phase=role-assignment\n'
    )
    expect(
      logged(
        'info',
        '[service-account] created Kubernetes service account',
        { namespace: 'default', name: 'azwi-sa' },
        { seconds: 3 }
      )
    ).toBe('INFO[0003] [service-account] created Kubernetes service account  name=azwi-sa namespace=default\n')
    expect(logged('info', 'No subscription provided, using selected subscription from Azure CLI: 1')).toBe(
      'INFO[0000] No subscription provided, using selected subscription from Azure CLI: 1\n'
    )
  })

  it.each([
    ['debug', 'DEBU'],
    ['info', 'INFO'],
    ['warn', 'WARN'],
    ['error', 'ERRO']
  ] as const)('of level %s begins with %s', (level, label) => {
    expect(logged(level, 'm', {}, { debug: true, seconds: 12345 })).toBe(`${label}[12345] m\n`)
  })

  it('of level debug is written only with --debug', () => {
    expect(logged('debug', 'm')).toBe('')
  })

  it('has its fields 46 columns after the time, sorted by name, without undefined ones', () => {
    const names = fc.stringMatching(/^[a-zA-Z]{1,8}$/)
    fc.assert(
      fc.property(fc.dictionary(names, fc.option(fc.nat(), { nil: undefined })), fields => {
        const line = logged('info', 'short', fields)
        const expected = Object.entries(fields)
          .filter(([, value]) => value !== undefined)
          .map(([name]) => name)
          .sort()
        expect([...line.matchAll(/ (\w+)=/g)].map(match => match[1])).toEqual(expected)
        if (expected.length > 0) expect(line.slice('INFO[0000] '.length).search(/\w+=/)).toBe(46)
      })
    )
  })

  it('is one line without control characters for any message and value', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('a', '"', '\\', '\n', '\r', '\x1b', '\0', '\u2028', '\u0085', '=', ' ', '\t')
    })
    fc.assert(
      fc.property(hostile, hostile, (message, value) => {
        expect(logged('info', `m${message}`, { value })).toMatch(/^INFO\[0000\] [^\x00-\x1f\x7f-\x9f\u2028\u2029]*\n$/)
      })
    )
  })

  it('is colored only at the level and the names of fields', () => {
    expect(logged('warn', 'm', { a: 1 }, { color: true })).toBe(
      `\x1b[33mWARN\x1b[39m[0000] ${'m'.padEnd(44)}  \x1b[33ma\x1b[39m=1\n`
    )
  })
})

/** Returns what Go's strconv.Unquote returns for a quoted value. It checks the escapes independently. */
function unquote(quoted: string): string {
  const short: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
  return quoted
    .slice(1, -1)
    .replace(/\\(?:x(..)|u(.{4})|U(.{8})|(.))/g, (_, x?: string, u?: string, long?: string, letter?: string) => {
      const code = x ?? u ?? long
      return code === undefined ? (short[letter!] ?? letter!) : String.fromCodePoint(parseInt(code, 16))
    })
}

describe('quoteIfNeeded', () => {
  it.each([
    ['', ''],
    ['azwi-sa', 'azwi-sa'],
    ['a/b@c.d_e^f+g', 'a/b@c.d_e^f+g'],
    ['a=', '"a="'],
    ['a b', '"a b"'],
    ['a:b', '"a:b"'],
    ['ä', '"ä"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['C:\\x', '"C:\\\\x"'],
    ['a\tb\nc', '"a\\tb\\nc"'],
    ['\0', '"\\x00"'],
    ['\x07\b\f\r\v', '"\\a\\b\\f\\r\\v"'],
    ['\x1b[0m', '"\\x1b[0m"'],
    ['\x7f', '"\\x7f"'],
    ['\u0085', '"\\u0085"'],
    ['\u00a0', '"\\u00a0"'],
    ['\u2028', '"\\u2028"'],
    ['\ufeff', '"\\ufeff"'],
    ['😀', '"😀"'],
    ['\u{e0001}', '"\\U000e0001"']
  ])('writes %j as Go does: %s', (value, expected) => {
    expect(quoteIfNeeded(value)).toBe(expected)
  })

  it('leaves a value without special characters unchanged', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9\-._/@^+]*$/), value => {
        expect(quoteIfNeeded(value)).toBe(value)
      })
    )
  })

  it('escapes line breaks, control characters and quotes, and can be unquoted', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'x', 'u', '\x1b') })
        ),
        value => {
          const written = quoteIfNeeded(value)
          if (written === value) return

          expect(written).toMatch(/^"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029]|\\.)*"$/u)
          expect(unquote(written)).toBe(value)
        }
      ),
      { numRuns: 1000 }
    )
  })
})
