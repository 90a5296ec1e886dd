import type { Diagnosed, Diagnosis, Finding } from '../doctor/finding.js'
import { chain, paintOf, signs } from './doctor-chain.js'
import { counted, grouped, isIll, summaryOf, summaryText } from './doctor-summary.js'
import type { Colors } from './colors.js'
import { onOneLine } from './log.js'

/** So many reasons for which checks were skipped are told of service accounts that are not drawn. */
const mostReasons = 10

/** The report for people: what fails, what may, the chain, what was not checked, and the summary, a blank line between them. */
export function doctorText(diagnosis: Diagnosis, colors: Colors): string {
  const { diagnosed } = diagnosis
  const found = diagnosed.flatMap(each => each.findings.map(finding => ({ ...each, finding })))
  const blocks = (['fail', 'warn'] as const)
    .flatMap(outcome => found.filter(({ finding }) => finding.outcome === outcome))
    .map(({ serviceAccount, finding }) => block(serviceAccount, finding, colors))
  return [...blocks, chain(diagnosis, colors), notChecked(diagnosed), `${summaryText(summaryOf(diagnosis))}\n`]
    .filter(section => section !== '')
    .join('\n')
}

/** What is wrong in one place. Nothing but spaces stands before a line that mends it, so that it can be copied as it is. */
function block(serviceAccount: string | undefined, finding: Finding, colors: Colors): string {
  const { outcome, check, of, message } = finding
  const where = [serviceAccount ?? 'cluster', ...(of === undefined ? [] : [of])].join(', ')
  const fix = (finding.fix ?? []).map(line => `        ${colors.cyan(onOneLine(line))}`)
  return [
    paintOf(outcome, colors)(onOneLine(`${signs[outcome]} ${outcome}: ${where}: ${message} [${check}]`)),
    ...toldLines(finding).map(line => `    ${onOneLine(line)}`),
    ...(fix.length === 0 ? [] : ['    Fix:', ...fix])
  ]
    .map(line => `${line}\n`)
    .join('')
}

/** What a finding tells beside its sentence and its fix. */
export function toldLines({ found, expected, details = [] }: Finding): string[] {
  return [...valueLine('found:   ', found), ...valueLine('expected:', expected), ...details]
}

const valueLine = (label: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`${label} ${value === '' ? '(empty)' : value}`]

/** Why checks were skipped of service accounts that the chain only names or counts: the most frequent reasons. */
function notChecked(diagnosed: readonly Diagnosed[]): string {
  const accounts = diagnosed.filter(({ serviceAccount }) => serviceAccount !== undefined)
  const skipped =
    accounts.length === 1
      ? []
      : accounts
          .filter(each => !isIll(each))
          .flatMap(({ serviceAccount, findings }) =>
            findings
              .filter(({ outcome }) => outcome === 'skipped')
              .map(({ check, message }) => ({ serviceAccount, check, message }))
          )
  if (skipped.length === 0) return ''
  const reasons = [...grouped(skipped, ({ message }) => message)]
    .map(([message, those]) => ({
      message,
      checks: [...new Set(those.map(({ check }) => check))],
      accounts: new Set(those.map(({ serviceAccount }) => serviceAccount)).size
    }))
    .sort((a, b) => b.accounts - a.accounts)
  const lines = reasons
    .slice(0, mostReasons)
    .map(
      ({ message, checks, accounts: count }) =>
        `${checks.join(', ')}: ${message} (${counted(count, 'service account')})`
    )
  const rest = reasons.length - lines.length
  return [
    'Not checked:',
    ...[...lines, ...(rest > 0 ? [`${counted(rest, 'more reason')}: -o json has them`] : [])].map(
      line => `  ${signs.skipped} ${onOneLine(line)}`
    )
  ]
    .map(line => `${line}\n`)
    .join('')
}
