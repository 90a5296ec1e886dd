import { describe, expect, it, vi } from 'vitest'
import { terminal } from '../../helpers/terminal.js'
import { messages } from '../../helpers/log.js'
import { everythingIn, writes } from '../../helpers/state.js'
import { resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply, run, write } = useApply()
const realWrites = () => writes(test.sandbox).filter(({ path }) => !path.endsWith('$batch'))

describe('azwi serviceaccount apply --dry-run', () => {
  it('reports the planned changes of each field, and writes nothing', async () => {
    await apply('workloads: [{ name: old }, { name: same }]')
    const before = everythingIn(test.sandbox.state)
    test.sandbox.requests.length = 0
    const text =
      'workloads: [{ name: old, tokenExpiration: 2h }, { name: same }, { name: fresh, identity: { application: { name: fresh } } }]'
    const { status, stderr, stdout } = await apply(text, '--dry-run')
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    const logged = messages(stderr)
    expect(logged).toEqual(
      expect.arrayContaining([
        '[default/old] would be updated',
        '[default/old] would update Kubernetes service account',
        '[default/old]   azure.workload.identity/service-account-token-expiration: "3600" → "7200"',
        '[default/same] unchanged',
        '[default/fresh] would be created',
        '[default/fresh] would create AAD application',
        'planned'
      ])
    )
    expect(logged.filter(line => line.includes('default/same'))).toHaveLength(1)
    expect(realWrites()).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
    const { stdout: json } = await apply(text, '--dry-run', '-o', 'json')
    expect(JSON.parse(json)).toMatchObject({
      dryRun: true,
      summary: { workloads: 3, created: 1, updated: 1, deleted: 0, unchanged: 1, failed: 0 }
    })
  })

  it('exits with 2 if there are changes and with 0 if there are none, with --detailed-exitcode', async () => {
    const text = 'workloads: [{ name: app }]'
    expect((await apply(text, '--dry-run', '--detailed-exitcode')).status).toBe(2)
    await apply(text)
    expect((await apply(text, '--dry-run', '--detailed-exitcode')).status).toBe(0)
  })

  it('reports what --prune would delete, and deletes nothing', async () => {
    await apply('set: one\nworkloads: [{ name: a }, { name: b }]')
    const before = everythingIn(test.sandbox.state)
    const { stderr } = await apply('set: one\nworkloads: [{ name: a }]', '--prune', '--dry-run')
    expect(messages(stderr)).toEqual(
      expect.arrayContaining(['[default/b] would be deleted', '[default/b] would delete Kubernetes service account'])
    )
    expect(everythingIn(test.sandbox.state)).toEqual(before)
    expect(
      (await apply('set: one\nworkloads: [{ name: a }]', '--prune', '--dry-run', '--detailed-exitcode')).status
    ).toBe(2)
  })
})

describe('the output of azwi serviceaccount apply', () => {
  it('has a line for each workload and a summary in a pipe', async () => {
    const { stderr, stdout } = await apply('workloads: [{ name: a }, { name: b }]')
    expect(stdout).toBe('')
    expect(messages(stderr).toSorted()).toEqual(['[default/a] created', '[default/b] created', 'applied'])
    expect(messages((await apply('workloads: [{ name: a }, { name: b }]')).stderr).toSorted()).toEqual([
      '[default/a] unchanged',
      '[default/b] unchanged',
      'applied'
    ])
  })

  it('has one line of progress on a terminal, and none in CI', async () => {
    const path = await write('workloads.yaml', 'workloads: [{ name: a }, { name: b }, { name: c }]')
    const person = terminal(undefined)
    await run(['-f', path], '', {}, person.overrides)
    expect(person.screen()).toMatch(/1 of 3.*2 of 3/s)
    expect(person.screen()).not.toContain('3 of 3')
    const ci = terminal(undefined)
    await run(['-f', path], '', { CI: 'true' }, ci.overrides)
    expect(ci.screen()).not.toMatch(/\d of 3/)
  })

  it('has log lines above the line of progress, which is removed at the end', async () => {
    const path = await write('workloads.yaml', 'workloads: [{ name: a }, { name: b }, { name: c }]')
    let tries = 0
    test.fault(async (request, _service, next) => {
      if (request.method !== 'PATCH' || !request.path.endsWith('/serviceaccounts/c')) return next()
      // The other workloads are done, and the line of progress is shown.
      if (tries++ === 2) return next()
      await vi.waitFor(() => {
        expect(person.screen()).toContain('2 of 3')
      }, 5000)
      return { status: 503, headers: { 'retry-after': '2' }, body: {} }
    })
    const person = terminal(undefined)
    const { status } = await run(['-f', path], '', {}, person.overrides)
    expect(status).toBe(0)
    expect(person.lines().filter(line => line.includes('answered 503'))).toHaveLength(2)
    for (const line of person.lines().slice(0, -1)) expect(line).toMatch(/^(INFO|WARN)\[\d{4}\] /)
    expect(person.lines().at(-1)).toBe('')
  })

  it('is JSON as in docs/output.md, or names', async () => {
    const text = "workloads: [{ name: app, roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }]"
    const { stdout } = await apply(text, '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { workloads: 1, created: 1, updated: 0, deleted: 0, unchanged: 0, failed: 0 },
      workloads: [
        {
          name: 'default/app',
          result: 'created',
          identity: { kind: 'application', action: 'created' },
          servicePrincipal: { action: 'created' },
          serviceAccount: { action: 'created', namespace: 'default', name: 'app' },
          credential: { action: 'created', subject: 'system:serviceaccount:default:app' },
          roleAssignments: [{ action: 'created', role: 'Reader' }]
        }
      ]
    })
    expect(JSON.parse(stdout)).not.toHaveProperty('dryRun')
    expect((await apply(text, '-o', 'name')).stdout).toBe('serviceaccount/default/app\n')
  })
})

describe('azwi serviceaccount apply, --include and --exclude', () => {
  const text =
    'workloads: [{ name: web, namespaces: [default, kube-public] }, { name: jobs, namespaces: [default, kube-public] }]'
  it('select workloads by globs on namespace/name', async () => {
    expect(Object.keys(resultsOf(await apply(text, '-o', 'json', '--include', 'default/*')))).toEqual([
      'default/web',
      'default/jobs'
    ])
    expect(
      Object.keys(resultsOf(await apply(text, '-o', 'json', '--exclude', '*/jobs', '--exclude', 'kube-*/*')))
    ).toEqual(['default/web'])
    expect(
      Object.keys(
        resultsOf(
          await apply(
            text,
            '-o',
            'json',
            '--include',
            '*/web',
            '--include',
            '*/jobs',
            '--exclude',
            'default/{web,jobs}'
          )
        )
      )
    ).toEqual(['kube-public/web', 'kube-public/jobs'])
  })

  it('warn if they match nothing, as a glob without a slash never does', async () => {
    const { status, stderr } = await apply(text, '--include', 'web', '--include', 'default/*', '--exclude', 'kube/*')
    expect(status).toBe(0)
    expect(messages(stderr).slice(0, 2)).toEqual([
      '--include "web" fits no namespace/name of the files',
      '--exclude "kube/*" fits no namespace/name of the files'
    ])
  })

  it.each(['--include', '--exclude'])('refuse an empty glob: %s', async flag => {
    const { status, stderr } = await apply(text, flag, '')
    expect({ status, requests: test.sandbox.requests }).toEqual({ status: 2, requests: [] })
    expect(stderr).toContain(`Error: ${flag} "" is not a glob`)
  })

  it('do not hide errors in the rest of the file', async () => {
    const { status, stderr } = await apply(
      text.replace('name: jobs', 'name: jobs, tokenExpiration: 1s'),
      '--include',
      '*/web'
    )
    expect({ status, requests: test.sandbox.requests }).toEqual({ status: 2, requests: [] })
    expect(stderr).toContain('tokenExpiration')
  })
})
