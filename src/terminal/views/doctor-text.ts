import { groupBy } from '../../collections.js'
import {
  type Area,
  areas,
  checks,
  type Diagnosed,
  type Diagnosis,
  type Finding,
  type Outcome
} from '../../doctor/finding.js'
import type { Colors } from '../colors.js'
import { singleLine } from '../log.js'
import { tree, type TreeNode } from '../tree.js'
import {
  hasProblems,
  outcomeColor,
  outcomeSymbols,
  pluralize,
  summaryOf,
  summaryText,
  worstOutcome
} from './doctor-summary.js'

/** The maximum number of reasons for skipped checks to show. */
const maxReasons = 10

/** Renders the report for people: failures, warnings, the chain, the skipped checks and the summary, with a blank line between them. */
export function doctorText(diagnosis: Diagnosis, colors: Colors): string {
  const { diagnosed } = diagnosis
  const all = diagnosed.flatMap(({ serviceAccount, findings }) =>
    findings.map(finding => ({ serviceAccount, finding }))
  )
  const blocks = (['fail', 'warn'] as const)
    .flatMap(outcome => all.filter(({ finding }) => finding.outcome === outcome))
    .map(({ serviceAccount, finding }) => findingBlock(serviceAccount, finding, colors))
  return [...blocks, renderChain(diagnosis, colors), skippedBlock(diagnosed), `${summaryText(summaryOf(diagnosis))}\n`]
    .filter(section => section !== '')
    .join('\n')
}

/** Renders a finding with its fix. Only spaces stand before a line of the fix, so that the reader can copy whole lines. */
function findingBlock(serviceAccount: string | undefined, finding: Finding, colors: Colors): string {
  const { outcome, check, of, message } = finding
  const place = [serviceAccount ?? 'cluster', ...(of === undefined ? [] : [of])].join(', ')
  const fix = (finding.fix ?? []).map(line => `        ${colors.cyan(singleLine(line))}`)
  return [
    outcomeColor(outcome, colors)(singleLine(`${outcomeSymbols[outcome]} ${outcome}: ${place}: ${message} [${check}]`)),
    ...detailLines(finding).map(line => `    ${singleLine(line)}`),
    ...(fix.length === 0 ? [] : ['    Fix:', ...fix])
  ]
    .map(line => `${line}\n`)
    .join('')
}

/** Returns the lines of a finding between its message and its fix. */
export function detailLines({ found, expected, details = [] }: Finding): string[] {
  return [...valueLine('found:   ', found), ...valueLine('expected:', expected), ...details]
}

const valueLine = (label: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`${label} ${value === '' ? '(empty)' : value}`]

/** Renders the most frequent reasons for skipped checks. Leaves out service accounts that the chain shows in full. */
function skippedBlock(diagnosed: readonly Diagnosed[]): string {
  const accounts = diagnosed.filter(({ serviceAccount }) => serviceAccount !== undefined)
  const skipped =
    accounts.length === 1
      ? []
      : accounts
          .filter(account => !hasProblems(account))
          .flatMap(({ serviceAccount, findings }) =>
            findings
              .filter(({ outcome }) => outcome === 'skipped')
              .map(({ check, message }) => ({ serviceAccount, check, message }))
          )
  if (skipped.length === 0) return ''
  const reasons = [...groupBy(skipped, ({ message }) => message)]
    .map(([message, withReason]) => ({
      message,
      checks: [...new Set(withReason.map(({ check }) => check))],
      accounts: new Set(withReason.map(({ serviceAccount }) => serviceAccount)).size
    }))
    .sort((a, b) => b.accounts - a.accounts)
  const lines = reasons
    .slice(0, maxReasons)
    .map(
      ({ message, checks: names, accounts: count }) =>
        `${names.join(', ')}: ${message} (${pluralize(count, 'service account')})`
    )
  const rest = reasons.length - lines.length
  return [
    'Not checked:',
    ...[...lines, ...(rest > 0 ? [`${pluralize(rest, 'more reason')}: -o json has them`] : [])].map(
      line => `  ${outcomeSymbols.skipped} ${singleLine(line)}`
    )
  ]
    .map(line => `${line}\n`)
    .join('')
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

/** Names up to this many service accounts without a problem, and only counts more, so that the problems stay visible. */
const maxNames = 20

/**
 * Renders the chain from the cluster to the access token as a tree. It shows a single service account in full. Of several, it shows those
 * with a problem, with one line for each link that is ok.
 */
function renderChain({ diagnosed }: Diagnosis, colors: Colors): string {
  const cluster = diagnosed
    .filter(({ serviceAccount }) => serviceAccount === undefined)
    .flatMap(({ findings }) => findings)
  const accounts = diagnosed.filter(({ serviceAccount }) => serviceAccount !== undefined)
  const hasSeveral = accounts.length > 1
  const shownAccounts = hasSeveral ? accounts.filter(hasProblems) : accounts
  return tree({
    text: 'cluster',
    children: [
      ...linkNodes(cluster, hasSeveral, colors),
      ...shownAccounts.map(account =>
        node(worstOutcome(account.findings), titleOf(account), colors, linkNodes(account.findings, hasSeveral, colors))
      ),
      ...accountNodes(hasSeveral ? accounts.filter(account => !hasProblems(account)) : [], colors)
    ]
  })
}

/**
 * Renders the links of the chain with their checks. A link with a single line is a leaf. `isFolded` hides the checks of links that are ok.
 */
function linkNodes(findings: readonly Finding[], isFolded: boolean, colors: Colors): TreeNode[] {
  return areas.flatMap(area => {
    const inArea = findings.filter(({ check }) => checks[check] === area)
    if (inArea.length === 0) return []
    if (isFolded && inArea.every(({ outcome }) => outcome === 'ok')) return [node('ok', titles[area], colors)]
    const lines = checkLines(inArea)
    const [only] = lines
    if (only !== undefined && lines.length === 1) return [node(only.outcome, `${titles[area]}: ${only.text}`, colors)]
    return [
      node(
        worstOutcome(inArea),
        titles[area],
        colors,
        lines.map(({ outcome, text }) => node(outcome, text, colors))
      )
    ]
  })
}

/** Returns a line for each finding, and one line for all checks that were skipped for the same reason. */
function checkLines(findings: readonly Finding[]): { readonly outcome: Outcome; readonly text: string }[] {
  const completed = findings.filter(({ outcome }) => outcome !== 'skipped')
  const skipped = groupBy(
    findings.filter(({ outcome }) => outcome === 'skipped'),
    messageWithObject
  )
  return [
    ...completed.map(finding => ({
      outcome: finding.outcome,
      text: `${finding.outcome === 'ok' ? '' : `${finding.outcome}: `}${messageWithObject(finding)}`
    })),
    ...[...skipped].map(([reason, withReason]) => ({
      outcome: 'skipped' as const,
      text: `skipped: ${withReason.map(({ check }) => check).join(', ')}: ${reason}`
    }))
  ]
}

const messageWithObject = ({ of, message }: Finding): string => (of === undefined ? message : `${of}: ${message}`)

/** Renders the service accounts without a problem, one line each, or one line with their number. */
function accountNodes(accounts: readonly Diagnosed[], colors: Colors): TreeNode[] {
  if (accounts.length > maxNames)
    return [node('ok', `${accounts.length} more service accounts, with which nothing wrong was found`, colors)]
  return accounts.map(account => {
    const skipped = account.findings.filter(({ outcome }) => outcome === 'skipped').length
    return node(
      worstOutcome(account.findings),
      `${titleOf(account)}${skipped === 0 ? '' : ` (${pluralize(skipped, 'check')} skipped)`}`,
      colors
    )
  })
}

const titleOf = ({ serviceAccount = '' }: Diagnosed): string => `service account ${serviceAccount}`

const node = (outcome: Outcome, text: string, colors: Colors, children: readonly TreeNode[] = []): TreeNode => ({
  text: `${outcomeSymbols[outcome]} ${text}`,
  children,
  color: outcomeColor(outcome, colors)
})
