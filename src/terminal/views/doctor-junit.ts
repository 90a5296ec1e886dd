import { checks, type Diagnosed, type Diagnosis, type Finding } from '../../doctor/finding.js'
import { isFailure } from './doctor-summary.js'
import { detailLines } from './doctor-text.js'

/**
 * Renders the report as JUnit XML for CI systems: one suite for the cluster and for each service account, one case for each check.
 *
 * The format has no specification, and readers differ. GitLab identifies a case by class and name, and drops duplicates
 * (https://docs.gitlab.com/ci/testing/unit_test_reports). So the name contains the service account and the object.
 */
export function doctorJunit({ diagnosed }: Diagnosis, strict: boolean): string {
  const all = diagnosed.flatMap(({ findings }) => findings)
  const suites = diagnosed.map(entry => suite(entry, strict))
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
  const caseWith = (result: string): string => xmlElement('testcase', attributes, '\n', result)
  if (isFailure(finding, strict))
    return caseWith(xmlElement('failure', { message, type: outcome }, xmlText(resultText(finding))))
  if (outcome === 'skipped') return caseWith(xmlElement('skipped', { message }))
  return outcome === 'warn'
    ? caseWith(xmlElement('system-out', {}, xmlText(`warning: ${resultText(finding)}`)))
    : xmlElement('testcase', attributes)
}

/** Repeats the message, because some readers show only the text and others only the attribute. */
const resultText = (finding: Finding): string =>
  [finding.message, ...detailLines(finding), ...(finding.fix === undefined ? [] : ['Fix:', ...finding.fix])].join('\n')

function counts(findings: readonly Finding[], strict: boolean): Record<string, number> {
  return {
    tests: findings.length,
    failures: findings.filter(finding => isFailure(finding, strict)).length,
    errors: 0,
    skipped: findings.filter(({ outcome }) => outcome === 'skipped').length
  }
}

/** The characters that an XML 1.0 document must not contain, not even as a reference (section 2.2). */
const invalidCharacter = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** Escapes text for an XML document. Replaces characters that XML does not allow by U+FFFD. */
function xmlText(text: string): string {
  return text.replace(invalidCharacter, '\uFFFD').replace(/[&<>\r]/g, reference)
}

/**
 * Renders an element with escaped attributes around content that is already XML. Writes line breaks and tabs in attributes as references,
 * because readers turn them into spaces otherwise (section 3.3.3).
 */
function xmlElement(
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
