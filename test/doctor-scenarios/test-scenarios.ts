import { describe, expect, it } from 'vitest'
import type { Finding } from '../../src/doctor/finding.js'
import { runFix } from '../helpers/fixes/run-fix.js'
import type { Ground } from '../helpers/fixes/form.js'
import { account, grant, type IdentityKind, namespace } from './healthy.js'
import { useHealthySetups } from './setup.js'
import { symptomsIn } from './symptoms.js'
import type { Scenario } from './scenario.js'

const usual = `${namespace}/${account}`

/** A finding as a program gets it, with the service account that it is about. */
export type FindingDetails = Finding & { readonly serviceAccount?: string }

/** What the doctor says, the findings in one list, and how it ends. */
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

/** For whoever reads why a test failed. */
export const formatFindings = (findings: readonly Finding[]): string =>
  findings
    .filter(({ outcome }) => outcome !== 'ok')
    .map(({ outcome, check, of = '', message, fix = [] }) =>
      [`${outcome} ${check} ${of}: ${message}`, ...fix.map(line => `  $ ${line}`)].join('\n')
    )
    .join('\n')

export const problemsIn = (findings: readonly FindingDetails[]): FindingDetails[] =>
  findings.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')

/** The cause, by the promise of the doctor: the first failure; where nothing fails, the first warning. */
export function firstProblem(findings: readonly FindingDetails[]): FindingDetails | undefined {
  return findings.find(({ outcome }) => outcome === 'fail') ?? findings.find(({ outcome }) => outcome === 'warn')
}

/**
 * Each world is broken, its pods meet what they must, the doctor names the fault first, and the lines that it prints for it heal the world: for
 * the doctor, and for the pods.
 */
export function testScenarios(
  worlds: readonly Scenario[],
  kinds: readonly IdentityKind[] = ['application', 'managed identity']
): void {
  const stageOf = useHealthySetups()
  describe.each(kinds)('with %s', kind => {
    it.each(worlds.filter(world => (world.kind ?? kind) === kind).map(world => [world.name, world] as const))(
      '%s',
      async (
        _name,
        { break: breakIt, symptoms, firstFinding, target, placeholders = { '<role>=<scope>': grant }, noFix }
      ) => {
        const stage = stageOf(kind)
        const wanted = typeof firstFinding === 'function' ? firstFinding(stage) : firstFinding
        await breakIt(stage)
        expect(await symptomsIn(stage.sandbox, namespace)).toEqual(symptoms)
        const broken = await diagnose(stage, target)
        const cause = firstProblem(broken.findings)
        expect(cause, formatFindings(broken.findings)).toMatchObject({ outcome: 'fail', ...wanted })
        expect(cause?.serviceAccount ?? usual).toBe(wanted.serviceAccount ?? usual)
        expect(broken.status).toBe(cause?.outcome === 'fail' ? 1 : 0)
        if (noFix !== undefined) {
          expect(cause?.fix ?? [], noFix).toEqual([])
          return
        }
        for (const line of cause?.fix ?? []) await runFix(stage, line, placeholders)
        const healed = await diagnose(stage, target)
        expect(
          problemsIn(healed.findings),
          `${cause?.fix?.join('\n') ?? ''}\n→\n${formatFindings(healed.findings)}`
        ).toEqual([])
        expect(healed.status).toBe(0)
        expect(await symptomsIn(stage.sandbox, namespace)).toEqual([])
      }
    )
  })
}
