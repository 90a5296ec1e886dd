import { describe, expect, it } from 'vitest'
import { reportDiagnosis } from '../../src/commands/doctor/index.js'
import { type TargetFlags, targetOf } from '../../src/commands/doctor/target.js'
import { fail, type Finding, ok, warn } from '../../src/doctor/finding.js'
import { ExitStatus } from '../../src/errors.js'
import { azwi } from '../helpers/azwi.js'
import { recordedIo } from '../helpers/recorded-io.js'

describe('the target of the doctor', () => {
  it.each<[string | undefined, TargetFlags, object]>([
    ['web', {}, { kind: 'service-account', namespace: 'default', name: 'web' }],
    ['web', { namespace: 'shop' }, { kind: 'service-account', namespace: 'shop', name: 'web' }],
    [undefined, {}, { kind: 'namespace', namespace: 'default' }],
    [undefined, { namespace: 'shop' }, { kind: 'namespace', namespace: 'shop' }],
    [undefined, { allNamespaces: true }, { kind: 'cluster' }],
    [undefined, { pod: 'web-1', namespace: 'shop' }, { kind: 'pod', namespace: 'shop', name: 'web-1' }],
    [undefined, { cronjob: 'night' }, { kind: 'workload', workload: 'cronjob', namespace: 'default', name: 'night' }],
    [
      undefined,
      { statefulset: 'db.one' },
      { kind: 'workload', workload: 'statefulset', namespace: 'default', name: 'db.one' }
    ]
  ])('for %j %j', (name, flags, target) => {
    expect(targetOf(name, flags)).toEqual(target)
  })
})

describe('wrong usage of azwi doctor', () => {
  it.each([
    [
      ['web', '--pod', 'web-1', '-n', 'shop'],
      'web and --pod web-1 are two things to look at',
      'azwi doctor --pod web-1 --namespace shop'
    ],
    [
      ['--job', 'a', '--deployment', 'b'],
      '--deployment b and --job a are two things to look at',
      'azwi doctor --job a'
    ],
    [
      ['-A', '-n', 'shop'],
      '--all-namespaces asks about the whole cluster, and --namespace shop about a part of it',
      'azwi doctor --namespace shop'
    ],
    [['web', '-A'], '--all-namespaces asks about the whole cluster, and web about a part of it', 'azwi doctor web'],
    [
      ['-A', '--pod', 'p', '-n', 'shop'],
      '--all-namespaces asks about the whole cluster, and --pod p about a part of it',
      'azwi doctor --pod p --namespace shop'
    ]
  ])('%j: names the contradicting flags, and a command that works', async (words, message, hint) => {
    expect(await azwi({}, ['doctor', ...words])).toEqual({
      status: 2,
      stdout: '',
      stderr: `Error: ${message}\nHint: ${hint}\n`
    })
  })

  it.each([
    [['Not_A_Name'], /<name> "Not_A_Name"/],
    [['-n', 'Wrong'], /--namespace "Wrong"/],
    [['--pod', ''], /--pod ""/],
    [['--daemonset', 'a_b'], /--daemonset "a_b"/],
    [['--resource', 'a b'], /--resource "a b": is not/],
    [['--resource', 'https://vault.azure.net/.default'], /--resource .*: ends in \/\.default/],
    [['one', 'two'], /argument/],
    [['--aks-cluster', 'a'], /--aks-resource-group is required/]
  ])('%j is refused', async (words, mention) => {
    const { status, stdout, stderr } = await azwi({}, ['doctor', ...words])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(mention)
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
  })
})

describe("the doctor's exit code", () => {
  it.each<[readonly Finding[], boolean, number]>([
    [[ok('proof', 'yes')], true, 0],
    [[warn('roles', 'none')], false, 0],
    [[warn('roles', 'none')], true, 1],
    [[fail('proof', 'no')], false, 1]
  ])('for %j with --strict %s is %s', async (findings, strict, status) => {
    const { io, stdout } = recordedIo()
    const reported = reportDiagnosis(io, { diagnosed: [{ serviceAccount: 'a/b', findings }] }, strict)
    expect(
      await reported.then(
        () => 0,
        (error: unknown) => (error instanceof ExitStatus ? error.status : error)
      )
    ).toBe(status)
    expect(stdout()).toMatch(/\n\n1 service account: 1 \w+\n$/)
  })

  it('comes with colors only on a terminal that supports them', async () => {
    const shown = async (environment: Record<string, string>, isTTY: boolean): Promise<string> => {
      const { io, stdout } = recordedIo(environment, false, isTTY)
      await reportDiagnosis(io, { diagnosed: [{ serviceAccount: 'a/b', findings: [warn('roles', 'none')] }] }, false)
      return stdout()
    }
    expect(await shown({}, true)).toContain('\x1b[33m! warn')
    for (const plain of [
      await shown({}, false),
      await shown({ NO_COLOR: '1' }, true),
      await shown({ CI: 'true' }, true)
    ])
      expect(plain).not.toContain('\x1b')
  })
})
