import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/doctor/finding.js'
import { runFix } from '../helpers/fixes/run-fix.js'
import type { Ground } from '../helpers/fixes/form.js'
import { account, grant, type IdentityKind, namespace } from './healthy.js'
import { useHealthySetups } from './setup.js'
import { symptomsIn } from './symptoms.js'
import type { Scenario } from './scenario.js'

const defaultAccount = `${namespace}/${account}`

/** A finding in the JSON output, with its service account. */
export type FindingDetails = Finding & { readonly serviceAccount?: string }

/** Runs `azwi doctor` and returns its exit code and all its findings. */
export async function diagnose(
  ground: Ground,
  target: readonly string[] = [account, '--namespace', namespace],
  ...flags: readonly string[]
): Promise<{ status: number; findings: readonly FindingDetails[] }> {
  const { status, stdout, stderr } = await ground.run('doctor', ...target, '--output', 'json', ...flags)
  if (stdout === '') throw new Error(stderr)
  const { results } = JSON.parse(stdout) as { results: { serviceAccount?: string; findings: Finding[] }[] }
  return {
    status,
    findings: results.flatMap(({ serviceAccount, findings }) =>
      findings.map(finding => ({ ...finding, ...(serviceAccount === undefined ? {} : { serviceAccount }) }))
    )
  }
}

/** Formats the findings that are not ok for the message of a failed test. */
export const formatFindings = (findings: readonly Finding[]): string =>
  findings
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ outcome, check, of = '', message, fix = [] }) =>
      [`${outcome} ${check} ${of}: ${message}`, ...fix.map(line => `  $ ${line}`)].join('\n')
    )
    .join('\n')

export const problemsIn = (findings: readonly FindingDetails[]): FindingDetails[] =>
  findings.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')

/** Returns the first failure, or else the first warning. The doctor promises that this is the cause. */
export function firstProblem(findings: readonly FindingDetails[]): FindingDetails | undefined {
  return findings.find(({ outcome }) => outcome === 'fail') ?? findings.find(({ outcome }) => outcome === 'warn')
}

/**
 * Tests each scenario: the fault has the expected effect on the pods, the doctor reports it first, and the lines of its fix repair the setup, for the
 * doctor and for the pods.
 */
export function testScenarios(
  scenarios: readonly Scenario[],
  kinds: readonly IdentityKind[] = ['application', 'managed identity']
): void {
  const setupOf = useHealthySetups()
  describe.each(kinds)('with %s', kind => {
    it.each(
      scenarios.filter(scenario => (scenario.kind ?? kind) === kind).map(scenario => [scenario.name, scenario] as const)
    )(
      '%s',
      async (
        _name,
        { break: breakIt, symptoms, firstFinding, target, placeholders = { '<role>=<scope>': grant }, noFix }
      ) => {
        const setup = setupOf(kind)
        const wanted = typeof firstFinding === 'function' ? firstFinding(setup) : firstFinding
        await breakIt(setup)
        expect(await symptomsIn(setup.sandbox, namespace)).toEqual(symptoms)
        const broken = await diagnose(setup, target)
        const cause = firstProblem(broken.findings)
        expect(cause, formatFindings(broken.findings)).toMatchObject({ outcome: 'fail', ...wanted })
        expect(cause?.serviceAccount ?? defaultAccount).toBe(wanted.serviceAccount ?? defaultAccount)
        expect(broken.status).toBe(cause?.outcome === 'fail' ? 1 : 0)
        if (noFix !== undefined) {
          expect(cause?.fix ?? [], noFix).toEqual([])
          return
        }
        for (const line of cause?.fix ?? []) await runFix(setup, line, placeholders)
        const repaired = await diagnose(setup, target)
        expect(
          problemsIn(repaired.findings),
          `${cause?.fix?.join('\n') ?? ''}\n→\n${formatFindings(repaired.findings)}`
        ).toEqual([])
        expect(repaired.status).toBe(0)
        expect(await symptomsIn(setup.sandbox, namespace)).toEqual([])
      }
    )
  })
}
