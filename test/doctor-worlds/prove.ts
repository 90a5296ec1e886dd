import { describe, expect, it } from 'vitest'
import type { Diagnosis, Finding } from '../../src/doctor/finding.js'
import { runFix } from '../helpers/fixes/run-fix.js'
import type { Ground } from '../helpers/fixes/form.js'
import { account, namespace, type IdentityKind } from './healthy.js'
import { useHealthyWorlds } from './stage.js'
import { symptomsIn } from './symptoms.js'
import type { BrokenWorld } from './world.js'

/** What the doctor says, the findings in one list, and how it ends. */
export async function diagnose(ground: Ground, target: readonly string[] = ['--namespace', namespace, account], ...flags: readonly string[]): Promise<{ status: number; findings: readonly Finding[] }> {
  const { status, stdout, stderr } = await ground.run('doctor', ...target, '--output', 'json', ...flags)
  if (stdout === '') throw new Error(stderr)
  return { status, findings: (JSON.parse(stdout) as Diagnosis).diagnosed.flatMap(({ findings }) => findings) }
}

export const notWell = (findings: readonly Finding[]): Finding[] => findings.filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')

/** The cause, by the promise of the doctor: the first failure; where nothing fails, the first warning. */
export function firstOf(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ outcome }) => outcome === 'fail') ?? findings.find(({ outcome }) => outcome === 'warn')
}

/**
 * Each world is broken, its pods meet what they must, the doctor names the fault first, and the lines that it prints for it heal the world: for
 * the doctor, and for the pods.
 */
export function proveWorlds(worlds: readonly BrokenWorld[], kinds: readonly IdentityKind[] = ['application', 'managed identity']): void {
  const stageOf = useHealthyWorlds()
  describe.each(kinds)('with %s', kind => {
    it.each(worlds.filter(world => (world.kind ?? kind) === kind))('$name', async ({ break: breakIt, pods, first, target, placeholders, noFix }) => {
      const stage = stageOf(kind)
      await breakIt(stage)
      expect(await symptomsIn(stage.sandbox, namespace)).toEqual(pods)
      if (process.env.NO_DOCTOR) return
      const broken = await diagnose(stage, target)
      const cause = firstOf(broken.findings)
      expect(cause, JSON.stringify(broken.findings, undefined, 2)).toMatchObject({ outcome: 'fail', ...first })
      expect(broken.status).toBe(cause?.outcome === 'fail' ? 1 : 0)
      if (noFix !== undefined) {
        expect(cause?.fix ?? [], noFix).toEqual([])
        return
      }
      for (const line of cause?.fix ?? []) await runFix(stage, line, placeholders)
      const healed = await diagnose(stage, target)
      expect(notWell(healed.findings), cause?.fix?.join('\n')).toEqual([])
      expect(healed.status).toBe(0)
      expect(await symptomsIn(stage.sandbox, namespace)).toEqual([])
    })
  })
}
