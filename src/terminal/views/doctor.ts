import { checks, type Diagnosis, type Finding } from '../../doctor/finding.js'
import type { View } from '../format.js'
import { type Colors, noColors } from '../colors.js'
import { doctorJunit } from './doctor-junit.js'
import { isFailure, summaryOf } from './doctor-summary.js'
import { doctorText } from './doctor-text.js'

/** The doctor's report in every format. */
interface DoctorView extends View {
  /** False if a check failed, or if `strict` is set and a check warned. */
  readonly hasPassed: boolean
}

/** Renders the doctor's report. `-o name` prints the service accounts with a failure. `colors` are those of stdout. */
export function doctorView(diagnosis: Diagnosis, strict: boolean, colors: Colors = noColors): DoctorView {
  const failed = diagnosis.diagnosed.filter(({ findings }) => findings.some(finding => isFailure(finding, strict)))
  return {
    text: doctorText(diagnosis, colors),
    data: {
      summary: summaryOf(diagnosis),
      results: diagnosis.diagnosed.map(({ serviceAccount, findings }) => ({
        ...(serviceAccount === undefined ? {} : { serviceAccount }),
        findings: findings.map(findingData)
      }))
    },
    names: failed.flatMap(({ serviceAccount }) =>
      serviceAccount === undefined ? [] : [`serviceaccount/${serviceAccount}`]
    ),
    junit: () => doctorJunit(diagnosis, strict),
    hasPassed: failed.length === 0
  }
}

/** Returns a finding in the shape of docs/output.md. Leaves out members without a value. */
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
