import {
  type Area,
  areas,
  checks,
  type Diagnosed,
  type Diagnosis,
  type Finding,
  type Outcome
} from '../../doctor/finding.js'
import { pluralize, groupBy, hasProblems, summaryOf, summaryText, worstOutcome } from './doctor.js'
import type { Colors } from '../io.js'
import { onOneLine } from '../log.js'
import { tree, type TreeNode } from '../tree.js'

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
    outcomeColor(outcome, colors)(onOneLine(`${outcomeSymbols[outcome]} ${outcome}: ${where}: ${message} [${check}]`)),
    ...detailLines(finding).map(line => `    ${onOneLine(line)}`),
    ...(fix.length === 0 ? [] : ['    Fix:', ...fix])
  ]
    .map(line => `${line}\n`)
    .join('')
}

/** What a finding tells beside its sentence and its fix. */
export function detailLines({ found, expected, details = [] }: Finding): string[] {
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
          .filter(each => !hasProblems(each))
          .flatMap(({ serviceAccount, findings }) =>
            findings
              .filter(({ outcome }) => outcome === 'skipped')
              .map(({ check, message }) => ({ serviceAccount, check, message }))
          )
  if (skipped.length === 0) return ''
  const reasons = [...groupBy(skipped, ({ message }) => message)]
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
        `${checks.join(', ')}: ${message} (${pluralize(count, 'service account')})`
    )
  const rest = reasons.length - lines.length
  return [
    'Not checked:',
    ...[...lines, ...(rest > 0 ? [`${pluralize(rest, 'more reason')}: -o json has them`] : [])].map(
      line => `  ${outcomeSymbols.skipped} ${onOneLine(line)}`
    )
  ]
    .map(line => `${line}\n`)
    .join('')
}

/** Before every line that tells of an outcome. They differ in shape, so that nothing hangs on colour. */
export const outcomeSymbols: Readonly<Record<Outcome, string>> = { ok: '✓', warn: '!', fail: '✗', skipped: '–' }

/** How a line that tells of an outcome is coloured; what is well is left as it is. */
export function outcomeColor(outcome: Outcome, { red, yellow, gray }: Colors): (text: string) => string {
  return { ok: (text: string) => text, warn: yellow, fail: red, skipped: gray }[outcome]
}

const titles: Readonly<Record<Area, string>> = {
  aks: 'AKS',
  issuer: 'issuer',
  webhook: 'webhook',
  'service-account': 'annotations',
  identity: 'identity',
  credential: 'credential',
  roles: 'roles',
  pod: 'pods',
  proof: 'proof'
}

/** So many service accounts with which nothing is wrong are named; more are counted, or what is wrong would scroll away. */
const mostNamed = 20

/**
 * The chain from the cluster to the access token, as a tree. A service account alone is drawn in full; of several, those with which something
 * is wrong are drawn, and the links that hold are a line each.
 */
export function chain({ diagnosed }: Diagnosis, colors: Colors): string {
  const cluster = diagnosed
    .filter(({ serviceAccount }) => serviceAccount === undefined)
    .flatMap(({ findings }) => findings)
  const accounts = diagnosed.filter(({ serviceAccount }) => serviceAccount !== undefined)
  const several = accounts.length > 1
  const drawn = several ? accounts.filter(hasProblems) : accounts
  return tree({
    text: 'cluster',
    children: [
      ...linkNodes(cluster, several, colors),
      ...drawn.map(account =>
        node(worstOutcome(account.findings), title(account), colors, linkNodes(account.findings, several, colors))
      ),
      ...wellNodes(several ? accounts.filter(each => !hasProblems(each)) : [], colors)
    ]
  })
}

/** The links of the chain that were looked at, each with its checks; one that has a single thing to say takes a line. */
function linkNodes(findings: readonly Finding[], folded: boolean, colors: Colors): TreeNode[] {
  return areas.flatMap(area => {
    const own = findings.filter(({ check }) => checks[check] === area)
    if (own.length === 0) return []
    if (folded && own.every(({ outcome }) => outcome === 'ok')) return [node('ok', titles[area], colors)]
    const told = toldOf(own)
    const [only] = told
    if (only !== undefined && told.length === 1) return [node(only.outcome, `${titles[area]}: ${only.text}`, colors)]
    return [
      node(
        worstOutcome(own),
        titles[area],
        colors,
        told.map(({ outcome, text }) => node(outcome, text, colors))
      )
    ]
  })
}

/** What the checks of one link say, in lines. */
function toldOf(findings: readonly Finding[]): { readonly outcome: Outcome; readonly text: string }[] {
  const done = findings.filter(({ outcome }) => outcome !== 'skipped')
  // One thing that is missing takes several checks with it.
  const reasons = groupBy(
    findings.filter(({ outcome }) => outcome === 'skipped'),
    sentence
  )
  return [
    ...done.map(finding => ({
      outcome: finding.outcome,
      text: `${finding.outcome === 'ok' ? '' : `${finding.outcome}: `}${sentence(finding)}`
    })),
    ...[...reasons].map(([why, skipped]) => ({
      outcome: 'skipped' as const,
      text: `skipped: ${skipped.map(({ check }) => check).join(', ')}: ${why}`
    }))
  ]
}

const sentence = ({ of, message }: Finding): string => (of === undefined ? message : `${of}: ${message}`)

function wellNodes(accounts: readonly Diagnosed[], colors: Colors): TreeNode[] {
  if (accounts.length > mostNamed)
    return [node('ok', `${accounts.length} more service accounts, with which nothing wrong was found`, colors)]
  return accounts.map(account => {
    const skipped = account.findings.filter(({ outcome }) => outcome === 'skipped').length
    return node(
      worstOutcome(account.findings),
      `${title(account)}${skipped === 0 ? '' : ` (${pluralize(skipped, 'check')} skipped)`}`,
      colors
    )
  })
}

const title = ({ serviceAccount = '' }: Diagnosed): string => `service account ${serviceAccount}`

const node = (outcome: Outcome, text: string, colors: Colors, children: readonly TreeNode[] = []): TreeNode => ({
  text: `${outcomeSymbols[outcome]} ${text}`,
  children,
  paint: outcomeColor(outcome, colors)
})
