import { checks, type Diagnosis, type Finding } from '../doctor/finding.js'
import { doctorJunit } from './doctor-junit.js'
import { isFailure, summaryOf } from './doctor-summary.js'
import { doctorText } from './doctor-text.js'
import type { View } from './format.js'
import { noColors, type Colors } from './colors.js'

export interface DoctorView extends View {
  /** Whether nothing fails; with `strict`, nothing warns either. */
  readonly isWell: boolean
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
    isWell: ill.length === 0
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
