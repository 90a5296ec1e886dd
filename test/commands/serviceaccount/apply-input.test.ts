import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { many, resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply, run, write } = useApply()

describe('azwi serviceaccount apply reads', () => {
  it('a file with several documents, each with its own defaults and set', async () => {
    const outcome = await apply(
      'defaults: { namespace: kube-public }\nworkloads: [{ name: a }]\n---\n---\nset: two\nworkloads: [{ name: a }]\n',
      '-o',
      'json'
    )
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(resultsOf(outcome)).toEqual({ 'kube-public/a': 'created', 'default/a': 'created' })
  })

  it('stdin', async () => {
    expect(resultsOf(await run(['-f', '-', '-o', 'json'], 'workloads: [{ name: a }]'))).toEqual({
      'default/a': 'created'
    })
  })

  it('the YAML and JSON files of a folder, and the files of further flags', async () => {
    await write('folder/a.yaml', 'workloads: [{ name: a }]')
    await write('folder/b.yml', 'workloads: [{ name: b }]')
    await write('folder/c.json', '{ "workloads": [{ "name": "c" }] }')
    await write('folder/README.md', 'not: [ours')
    await write('folder/below/d.yaml', 'workloads: [{ name: d }]')
    const more = await write('e.yaml', 'workloads: [{ name: e }]')
    expect(Object.keys(resultsOf(await run(['-f', join(test.directory, 'folder'), '-f', more, '-o', 'json'])))).toEqual(
      ['default/a', 'default/b', 'default/c', 'default/e']
    )
  })

  it('tags that contain commas and equals signs', async () => {
    const { status, stderr } = await apply(
      'workloads: [{ name: a, identity: { managedIdentity: { name: one, resourceGroup: azwi-sandbox, tags: { owner: "Doe, Jane", list: "a,b=c" } } } }]'
    )
    expect(status, stderr).toBe(0)
    expect([...test.sandbox.state.managedIdentities.values()].map(({ tags }) => tags)).toEqual([
      { owner: 'Doe, Jane', list: 'a,b=c', 'managed-by': 'azwi' }
    ])
  })

  it.each([
    ['an application', '{ application: { name: one } }', '{ application: { name: ONE } }'],
    [
      'a managed identity',
      '{ managedIdentity: { name: one, resourceGroup: azwi-sandbox, location: West Europe, tags: { a: b, c: d } } }',
      '{ managedIdentity: { tags: { C: d, a: b }, location: westeurope, resourceGroup: AZWI-sandbox, name: One } }'
    ]
  ])('two spellings of %s as the same identity', async (_kind, one, other) => {
    const { status, stdout, stderr } = await apply(
      `workloads: [{ name: a, identity: ${one} }, { name: b, identity: ${other} }]`,
      '-o',
      'json'
    )
    expect(status, stderr).toBe(0)
    const { workloads } = JSON.parse(stdout) as { workloads: { identity: { action: string } }[] }
    expect(workloads.map(({ identity }) => identity.action)).toEqual(['created', 'kept'])
    expect(test.sandbox.state.applications.size + test.sandbox.state.managedIdentities.size).toBe(1)
  })

  it('environment variables only with the flag for it', async () => {
    const text = 'workloads: [{ name: "app-${STAGE}", labels: { stage: "${STAGE}" } }]'
    const path = await write('workloads.yaml', text)
    expect(resultsOf(await run(['-f', path, '--substitute', '-o', 'json'], '', { STAGE: 'test' }))).toEqual({
      'default/app-test': 'created'
    })
    const plain = await run(['-f', path], '', { STAGE: 'test' })
    expect(plain.status).toBe(2)
    expect(plain.stderr).toContain('${STAGE}')
  })
})

/** Expects a usage error that names the place in the file, and no request. */
async function expectRefusal(text: string, expected: string | RegExp, ...flags: readonly string[]): Promise<void> {
  const { status, stderr, stdout } = await apply(text, ...flags)
  expect({ status, stdout, requests: test.sandbox.requests.length }, stderr).toEqual({
    status: 2,
    stdout: '',
    requests: 0
  })
  expect(stderr.replaceAll(`${test.directory}/`, '')).toMatch(expected)
}

describe('azwi serviceaccount apply refuses, before any request,', () => {
  const managed = (one: string, other: string): string =>
    `workloads:\n- { name: a, identity: { managedIdentity: { name: m, resourceGroup: g, ${one} } } }\n- { name: b, identity: { managedIdentity: { name: M, resourceGroup: G, ${other} } } }\n`
  const crowd = many(21, index => `- { name: app-${index}, identity: { application: { name: together } } }`)
  it.each<[string, string, string | RegExp]>([
    ['broken YAML', 'workloads:\n- name: a\n  labels: { a: [\n', /Error: workloads\.yaml:4:1: /],
    ['a duplicate key', 'workloads:\n- name: a\n  name: b\n', 'Error: workloads.yaml:3:3: Map keys must be unique'],
    ['an alias without an anchor', 'workloads: [{ name: *nobody }]', /Error: workloads\.yaml:1:1: Unresolved alias/],
    ['no workloads', 'set: a\n', /Error: workloads\.yaml:1:1: the document must have required property 'workloads'/],
    [
      'an unknown field',
      'workloads:\n- name: a\n  nmespace: b\n',
      'Error: workloads.yaml:3:13: workloads.0: there is no field "nmespace"'
    ],
    [
      'a value of the wrong type',
      'workloads:\n- name: 12\n',
      'Error: workloads.yaml:2:9: workloads.0.name must be string'
    ],
    [
      'a workload without a name',
      'workloads:\n- name: a\n- namespace: b\n',
      "Error: workloads.yaml:3:3: workloads.1 must have required property 'name'"
    ],
    [
      'an invalid client ID',
      'workloads:\n- name: a\n  identity:\n    application:\n      clientId: nope\n',
      /Error: workloads\.yaml:5:17: workloads\.0\.identity\.application\.clientId must match pattern/
    ],
    [
      'an invalid name of a service account',
      'workloads:\n- name: ok\n- name: Not OK\n',
      /Error: workloads\.yaml:3:9: name "Not OK": may hold/
    ],
    [
      'an invalid namespace',
      'workloads:\n- name: ok\n  namespaces:\n  - a_b\n',
      /Error: workloads\.yaml:4:3: namespace "a_b": may hold/
    ],
    [
      'a token lifetime that is too short, in the defaults',
      'defaults:\n  tokenExpiration: 30m\nworkloads: [{ name: a }]\n',
      'Error: workloads.yaml:2:20: tokenExpiration "30m" is out of range'
    ],
    [
      'an invalid scope',
      'workloads:\n- name: a\n  roles:\n  - { role: Reader, scope: somewhere }\n',
      'Error: workloads.yaml:4:28: workloads.0.roles.0.scope "somewhere": is not a resource id'
    ],
    [
      'an invalid label',
      'workloads:\n- name: a\n  labels: { "a b": c }\n',
      'Error: workloads.yaml:3:20: workloads.0.labels.a b "c" is not a label'
    ],
    [
      'a label that is two labels on the command line',
      'workloads:\n- name: a\n  labels: { x: "y,azwi/set=foo" }\n',
      'Error: workloads.yaml:3:16: workloads.0.labels.x "y,azwi/set=foo" is not a label'
    ],
    [
      'the label of the set',
      'defaults:\n  labels: { azwi/set: foo }\nworkloads: []\n',
      'Error: workloads.yaml:2:23: defaults.labels.azwi/set "foo": azwi sets this label itself'
    ],
    [
      'another label with the prefix of azwi',
      'workloads:\n- name: a\n  labels: { azwi/issuer: foo }\n',
      'Error: workloads.yaml:3:26: workloads.0.labels.azwi/issuer "foo": azwi sets labels that begin with azwi/ itself'
    ],
    [
      'the label that marks what azwi created',
      'workloads:\n- name: a\n  labels: { app.kubernetes.io/managed-by: me }\n',
      'workloads.0.labels.app.kubernetes.io/managed-by "me": azwi sets this label itself'
    ],
    [
      'an invalid tag',
      'workloads:\n- name: a\n  identity: { managedIdentity: { name: one, resourceGroup: g, tags: { "a?": b } } }\n',
      'workloads.0.identity.managedIdentity.tags.a? "b" is not a tag'
    ],
    [
      'a managed identity in two locations',
      managed('location: westeurope', 'location: northeurope'),
      'Error: workloads.yaml:3:51: the same managed identity has another location or other tags at workloads.yaml:2:51'
    ],
    [
      'a managed identity with a location and without',
      managed('', 'location: northeurope'),
      'Error: workloads.yaml:3:51: the same managed identity'
    ],
    [
      'a managed identity with other tags',
      managed('tags: { a: b }', 'tags: { a: c }'),
      'Error: workloads.yaml:3:51: the same managed identity'
    ],
    ['an empty file', '', 'Error: workloads.yaml is empty: it holds no workloads'],
    ['only comments and empty documents', '# none\n---\n---\n# none\n', 'Error: workloads.yaml is empty'],
    [
      'two workloads with the same name',
      'workloads:\n- name: a\n- { name: b }\n- { name: a, namespaces: [kube-public, default] }\n',
      'Error: workloads.yaml:4:3: the service account default/a is already at workloads.yaml:2:3'
    ],
    [
      'namespace and namespaces',
      'workloads:\n- name: a\n  namespace: b\n  namespaces: [c]\n',
      'Error: workloads.yaml:2:3: the workload has both namespace and namespaces'
    ],
    [
      '21 workloads that share an identity',
      crowd,
      'Error: workloads.yaml:22:3: 21 workloads share one identity, and Entra takes no more than 20'
    ]
  ])('%s', async (_what, text, expected) => {
    await expectRefusal(text, expected)
  })

  it('all errors against the schema at once', async () => {
    await expectRefusal(
      'workloads:\n- nme: a\n- name: 3\n',
      /Error: .*:2:3: .*\n {2}workloads\.yaml:2:8: .*"nme"\n {2}workloads\.yaml:3:9: /
    )
  })

  it('an empty stdin', async () => {
    const { status, stdout, stderr } = await run(['-f', '-', '-o', 'json'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('stdin is empty')
  })

  it('a variable that is not set, and names its place', async () => {
    await expectRefusal(
      'workloads:\n- name: app-${MISSING}\n',
      'Error: workloads.yaml:2:13: the environment variable MISSING is not set',
      '--substitute'
    )
  })

  it('a path that cannot be read', async () => {
    const missing = await run(['-f', join(test.directory, 'nowhere.yaml')])
    expect(missing.status).toBe(2)
    expect(missing.stderr).toContain('nowhere.yaml" cannot be read: ENOENT')
    const bare = await run([])
    expect(bare.status).toBe(2)
    expect(bare.stderr).toContain('Error: -f is required')
    await write('bare/notes.txt', '')
    expect((await run(['-f', join(test.directory, 'bare')])).stderr).toContain(
      'is a folder without any .yaml, .yml or .json file'
    )
  })

  it.skipIf(process.getuid?.() === 0)('a file without permission to read it', async () => {
    const path = await write('secret.yaml', 'workloads: []')
    await chmod(path, 0)
    const { status, stderr } = await run(['-f', path])
    expect(status).toBe(2)
    expect(stderr).toContain('cannot be read: EACCES')
  })
})
