import { checks, type Diagnosed, type Diagnosis, type Finding, type Outcome } from '../../doctor/finding.js'
import { doctorJunit } from './doctor-junit.js'
import { doctorText } from './doctor-text.js'
import type { View } from '../format.js'
import { type Colors, noColors } from '../io.js'

export interface DoctorView extends View {
  /** Whether nothing fails; with `strict`, nothing warns either. */
  readonly hasPassed: boolean
}

/** What the doctor found, in every shape; `name` has the service accounts that are not well. Colours are those of stdout. */
export function doctorView(diagnosis: Diagnosis, strict: boolean, colors: Colors = noColors): DoctorView {
  const ill = diagnosis.diagnosed.filter(({ findings }) => findings.some(finding => isFailure(finding, strict)))
  return {
    text: doctorText(diagnosis, colors),
    data: {
      summary: summaryOf(diagnosis),
      results: diagnosis.diagnosed.map(({ serviceAccount, findings }) => ({
        ...(serviceAccount === undefined ? {} : { serviceAccount }),
        findings: findings.map(findingData)
      }))
    },
    names: ill.flatMap(({ serviceAccount }) =>
      serviceAccount === undefined ? [] : [`serviceaccount/${serviceAccount}`]
    ),
    junit: () => doctorJunit(diagnosis, strict),
    hasPassed: ill.length === 0
  }
}

/** A finding for programs: docs/output.md. What it does not tell is absent. */
function findingData({
  check,
  outcome,
  message,
  of,
  found,
  expected,
  fix,
  details
}: Finding): Readonly<Record<string, unknown>> {
  const entries = { check, area: checks[check], outcome, message, of, found, expected, fix, details }
  return Object.fromEntries(
    Object.entries(entries).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
  )
}

/** How many checks ended how, and for how many service accounts. */
export type DoctorSummary = Readonly<Record<'serviceAccounts' | Outcome, number>>

export function summaryOf({ diagnosed }: Diagnosis): DoctorSummary {
  const counts = {
    serviceAccounts: diagnosed.filter(({ serviceAccount }) => serviceAccount !== undefined).length,
    fail: 0,
    warn: 0,
    ok: 0,
    skipped: 0
  }
  for (const { outcome } of diagnosed.flatMap(({ findings }) => findings)) counts[outcome] += 1
  return counts
}

/** `3 service accounts: 1 fails, 1 warning, 27 ok, 4 skipped`: the checks, without those counts that are nought. */
export function summaryText({ serviceAccounts, fail, warn, ok, skipped }: DoctorSummary): string {
  const parts = [
    ...(fail === 0 ? [] : [fail === 1 ? '1 fails' : `${fail} fail`]),
    ...(warn === 0 ? [] : [pluralize(warn, 'warning')]),
    ...(ok === 0 ? [] : [`${ok} ok`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`])
  ]
  return `${pluralize(serviceAccounts, 'service account')}: ${parts.length === 0 ? 'nothing to check' : parts.join(', ')}`
}

/** Whether a finding is a reason to end with 1. */
export const isFailure = ({ outcome }: Finding, strict: boolean): boolean =>
  outcome === 'fail' || (strict && outcome === 'warn')

/** The worst that there is among findings: where all were skipped, nothing is known to be well. */
export function worstOutcome(findings: readonly Finding[]): Outcome {
  return (['fail', 'warn', 'ok'] as const).find(outcome => findings.some(each => each.outcome === outcome)) ?? 'skipped'
}

/** Whether something was found that is wrong, or may be. */
export const hasProblems = ({ findings }: Diagnosed): boolean => ['fail', 'warn'].includes(worstOutcome(findings))

/** What has the same key, together; in the order in which each key came first. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

/** `1 warning`, `2 warnings`. */
export const pluralize = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
