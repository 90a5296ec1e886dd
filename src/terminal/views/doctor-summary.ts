import type { Diagnosed, Diagnosis, Finding, Outcome } from '../../doctor/finding.js'
import type { Colors } from '../colors.js'

/** The symbol before every line with an outcome. The symbols have different shapes, so that the text does not depend on colors. */
export const outcomeSymbols: Readonly<Record<Outcome, string>> = { ok: '✓', warn: '!', fail: '✗', skipped: '–' }

/** Returns the function that colors a line with an outcome. Lines with the outcome ok have no color. */
export function outcomeColor(outcome: Outcome, { red, yellow, gray }: Colors): (text: string) => string {
  return { ok: (text: string) => text, warn: yellow, fail: red, skipped: gray }[outcome]
}

/** Reports whether a finding makes the command exit with 1. */
export const isFailure = ({ outcome }: Finding, strict: boolean): boolean =>
  outcome === 'fail' || (strict && outcome === 'warn')

/**
 * Returns the worst outcome of the findings. The outcome is `skipped` only if all checks were skipped, because then nothing is known to be
 * ok.
 */
export function worstOutcome(findings: readonly Finding[]): Outcome {
  return (
    (['fail', 'warn', 'ok'] as const).find(wanted => findings.some(({ outcome }) => outcome === wanted)) ?? 'skipped'
  )
}

/** Reports whether a check failed or warned. */
export const hasProblems = ({ findings }: Diagnosed): boolean => ['fail', 'warn'].includes(worstOutcome(findings))

/** The number of service accounts, and the number of findings with each outcome. */
type DoctorSummary = Readonly<Record<'serviceAccounts' | Outcome, number>>

/** Counts the service accounts and the findings of a report. */
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

/** Formats a summary without the counts that are zero: `3 service accounts: 1 fails, 1 warning, 27 ok, 4 skipped`. */
export function summaryText({ serviceAccounts, fail, warn, ok, skipped }: DoctorSummary): string {
  const parts = [
    ...(fail === 0 ? [] : [fail === 1 ? '1 fails' : `${fail} fail`]),
    ...(warn === 0 ? [] : [pluralize(warn, 'warning')]),
    ...(ok === 0 ? [] : [`${ok} ok`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`])
  ]
  return `${pluralize(serviceAccounts, 'service account')}: ${parts.length === 0 ? 'nothing to check' : parts.join(', ')}`
}

/** Returns `1 warning` or `2 warnings`. */
export const pluralize = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
