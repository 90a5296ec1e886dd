import { checks, type Diagnosed, type Diagnosis, type Finding } from '../../doctor/finding.js'
import { isFailure } from './doctor.js'
import { detailLines } from './doctor-text.js'

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
  [finding.message, ...detailLines(finding), ...(finding.fix === undefined ? [] : ['Fix:', ...finding.fix])].join('\n')

function counts(findings: readonly Finding[], strict: boolean): Record<string, number> {
  return {
    tests: findings.length,
    failures: findings.filter(each => isFailure(each, strict)).length,
    errors: 0,
    skipped: findings.filter(({ outcome }) => outcome === 'skipped').length
  }
}

/** Whatever is no character of XML 1.0 (section 2.2) may not stand in a document, not even as a reference. */
const noCharacter = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** Text between tags. A character that XML cannot hold becomes U+FFFD. */
export function xmlText(text: string): string {
  return text.replace(noCharacter, '\uFFFD').replace(/[&<>\r]/g, reference)
}

/** An element around what is XML already, on a line of its own. Attributes keep their line breaks and tabs, which readers would make spaces (section 3.3.3). */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${xmlText(String(value)).replace(/["\t\n]/g, reference)}"`)
    .join('')
  return content.length === 0 ? `<${name}${written}/>\n` : `<${name}${written}>${content.join('')}</${name}>\n`
}

const reference = (character: string): string => `&#${character.charCodeAt(0)};`
