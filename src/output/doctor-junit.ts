import { checks, type Diagnosed, type Diagnosis, type Finding } from '../doctor/finding.js'
import { isFailure } from './doctor-summary.js'
import { toldLines } from './doctor-text.js'
import { xmlElement, xmlText } from './xml.js'

/**
 * The report as CI systems read test reports: a suite for the cluster and for each service account, a case for each check. The format has no
 * specification, and readers differ: GitLab knows a case only by class and name, and drops a second one of the same
 * (https://docs.gitlab.com/ci/testing/unit_test_reports), so the name says whose case it is.
 */
export function doctorJunit({ diagnosed }: Diagnosis, strict: boolean): string {
  const all = diagnosed.flatMap(({ findings }) => findings)
  const suites = diagnosed.map(each => suite(each, strict))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('testsuites', { name: 'azwi doctor', ...counts(all, strict) }, '\n', ...suites)}`
}

function suite({ serviceAccount, findings }: Diagnosed, strict: boolean): string {
  return xmlElement(
    'testsuite',
    { name: serviceAccount ?? 'cluster', ...counts(findings, strict) },
    '\n',
    ...findings.map(finding => testCase(serviceAccount, finding, strict))
  )
}

function testCase(serviceAccount: string | undefined, finding: Finding, strict: boolean): string {
  const { check, of, outcome, message } = finding
  const attributes = {
    classname: checks[check],
    name: [check, serviceAccount, of].filter(part => part !== undefined).join(' ')
  }
  const holding = (result: string): string => xmlElement('testcase', attributes, '\n', result)
  if (isFailure(finding, strict))
    return holding(xmlElement('failure', { message, type: outcome }, xmlText(text(finding))))
  if (outcome === 'skipped') return holding(xmlElement('skipped', { message }))
  return outcome === 'warn'
    ? holding(xmlElement('system-out', {}, xmlText(`warning: ${text(finding)}`)))
    : xmlElement('testcase', attributes)
}

/** Again with the sentence, since some readers show only the text and others only the attribute. */
const text = (finding: Finding): string =>
  [finding.message, ...toldLines(finding), ...(finding.fix === undefined ? [] : ['Fix:', ...finding.fix])].join('\n')

function counts(findings: readonly Finding[], strict: boolean): Record<string, number> {
  return {
    tests: findings.length,
    failures: findings.filter(each => isFailure(each, strict)).length,
    errors: 0,
    skipped: findings.filter(({ outcome }) => outcome === 'skipped').length
  }
}
