import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { groupScope } from '../../helpers/state.js'

const test = useFaultySandbox()
const create = () => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Storage Blob Data Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const field = String.raw`[a-zA-Z]+=(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9\-._/@^+]*)`
/** A message with fields is padded to 44 columns, followed by two spaces. */
const line = new RegExp(String.raw`^(?:INFO|WARN|ERRO)\[\d{4}\] (?:\S.{43,}? {2}${field}(?: ${field})*|\S+(?: \S+)*)$`)

describe('the log', () => {
  it('has the same lines as the log of the Go azwi', async () => {
    const { stderr } = await test.azwi(create())
    const name = '"default-app-[\\w-]{43}="'
    expect(stderr).toMatch(
      new RegExp(
        `^INFO\\[\\d{4}\\] \\[aad-application\\] created an AAD application {2}clientID=${guid} name=${name} objectID=${guid}$`,
        'm'
      )
    )
    expect(stderr).toMatch(
      new RegExp(
        `^INFO\\[\\d{4}\\] \\[aad-application\\] created service principal {3}clientID=${guid} name=${name} objectID=${guid}$`,
        'm'
      )
    )
    expect(stderr).toMatch(
      /^INFO\[\d{4}\] \[service-account\] created Kubernetes service account {2}name=app namespace=default$/m
    )
    expect(stderr).toMatch(
      new RegExp(
        `^INFO\\[\\d{4}\\] \\[federated-identity\\] added federated credential {2}issuerURL="https://[^"]+/" objectID=${guid} subject="system:serviceaccount:default:app"$`,
        'm'
      )
    )
    expect(stderr).toMatch(
      new RegExp(
        `^INFO\\[\\d{4}\\] \\[role-assignment\\] created role assignment {5}role="Storage Blob Data Reader" roleAssignmentID=/\\S+/${guid} scope=/\\S+ servicePrincipalObjectID=${guid}$`,
        'm'
      )
    )
  })

  it('has the same form in every flow, with sorted fields', async () => {
    const outcomes = [
      await test.azwi(create()),
      await test.azwi(create()),
      await test.azwi(['sa', 'delete', '--service-account-name', 'app']),
      await test.azwi(['sa', 'delete', '--service-account-name', 'app']),
      await test.azwi(['sa', 'create', '--service-account-name', 'app', '--skip-phases', 'sa'])
    ]
    for (const { stdout, stderr } of outcomes) {
      expect(stdout).toBe('')
      for (const each of stderr.trimEnd().split('\n')) {
        expect(each).toMatch(line)
        const keys = [...each.matchAll(/ ([a-zA-Z]+)=/g)].map(([, key]) => key!)
        expect(keys).toEqual(keys.toSorted())
      }
    }
  })

  it('shows whole seconds since the start', async () => {
    let now = 1_000_000
    const { stderr } = await test.azwi(
      create(),
      {},
      {
        now: () => {
          now += 400
          return now
        }
      }
    )
    const seconds = [...stderr.matchAll(/^INFO\[(\d{4})\]/gm)].map(([, text]) => Number(text))
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b))
    expect(seconds.at(-1)).toBeGreaterThan(0)
  })

  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [{ NO_COLOR: '1' }, false],
    [{}, false],
    [{ FORCE_COLOR: '0' }, false],
    [{ CI: 'true' }, false]
  ])('has colors for the environment %j: %s', async (environment, colored) => {
    const { stderr } = await test.azwi(['sa', 'create', 'phase', 'app', '--service-account-name', 'app'], environment)
    expect(stderr.includes('\u001b[')).toBe(colored)

    expect(stderr.replace(/\u001b\[\d+m/g, '')).toMatch(
      /^INFO\[\d{4}\] \[aad-application\] created an AAD application {2}clientID=/
    )
  })

  it('prints a message of several lines from a server on one line', async () => {
    test.fault(async (request, service, next) =>
      service === 'graph' && request.method === 'PATCH'
        ? { status: 400, body: { error: { code: 'Bad', message: 'first\r\nINFO[0000] forged\u001b[31m' } } }
        : next()
    )
    const { stderr } = await test.azwi(create())
    expect(stderr).not.toMatch(/^INFO\[0000\] forged/m)
    expect(stderr).not.toContain('\u001b')
  })
})
