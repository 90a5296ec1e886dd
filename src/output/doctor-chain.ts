import {
  areas,
  checks,
  type Area,
  type Diagnosed,
  type Diagnosis,
  type Finding,
  type Outcome
} from '../doctor/finding.js'
import { counted, grouped, isIll, worstOf } from './doctor-summary.js'
import type { Colors } from './colors.js'
import { tree, type TreeNode } from './tree.js'

/** Before every line that tells of an outcome. They differ in shape, so that nothing hangs on colour. */
export const signs: Readonly<Record<Outcome, string>> = { ok: '✓', warn: '!', fail: '✗', skipped: '–' }

/** How a line that tells of an outcome is coloured; what is well is left as it is. */
export function paintOf(outcome: Outcome, { red, yellow, gray }: Colors): (text: string) => string {
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
  const drawn = several ? accounts.filter(isIll) : accounts
  return tree({
    text: 'cluster',
    children: [
      ...linkNodes(cluster, several, colors),
      ...drawn.map(account =>
        node(worstOf(account.findings), title(account), colors, linkNodes(account.findings, several, colors))
      ),
      ...wellNodes(several ? accounts.filter(each => !isIll(each)) : [], colors)
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
        worstOf(own),
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
  const reasons = grouped(
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
      worstOf(account.findings),
      `${title(account)}${skipped === 0 ? '' : ` (${counted(skipped, 'check')} skipped)`}`,
      colors
    )
  })
}

const title = ({ serviceAccount = '' }: Diagnosed): string => `service account ${serviceAccount}`

const node = (outcome: Outcome, text: string, colors: Colors, children: readonly TreeNode[] = []): TreeNode => ({
  text: `${signs[outcome]} ${text}`,
  children,
  paint: paintOf(outcome, colors)
})
