// Prints which tests were skipped, and as the last line how many passed and failed. A step that failed counts as one
// more failure than its tests. A report that is missing or empty counts as a failure.
const { readFileSync } = require('node:fs')
const { relative } = require('node:path')

const [report, failedSteps] = process.argv.slice(2)
let passed = 0
let failed = Number(failedSteps)
try {
  const result = JSON.parse(readFileSync(report, 'utf8'))
  passed = result.numPassedTests
  failed += result.numFailedTests
  for (const { name, assertionResults } of result.testResults)
    for (const { status, fullName } of assertionResults)
      if (!['passed', 'failed'].includes(status)) console.log(`skipped: ${relative('.', name)}: ${fullName}`)
} catch (error) {
  console.log(`no report: ${error.message}`)
  failed += 1
}
if (passed === 0) failed += 1
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
