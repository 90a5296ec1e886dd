import { Command } from 'commander'
import { createApp } from '../../app.js'
import { resource as parseResource } from '../../config/parse.js'
import { Settings } from '../../config/settings.js'
import { diagnoseCluster, diagnoseServiceAccount } from '../../doctor/diagnose.js'
import type { Diagnosis } from '../../doctor/finding.js'
import { readEvidence } from '../../doctor/evidence/read.js'
import type { Target } from '../../doctor/evidence/target.js'
import { ExitCode, ExitStatus } from '../../errors.js'
import { doctorView } from '../../terminal/views/doctor.js'
import { colorsFor } from '../../terminal/colors.js'
import type { Io } from '../../terminal/io.js'
import { refuseContradictions } from '../../identities/choice.js'
import { addOfflineFlags, type OfflineFlags, runOffline } from './offline.js'
import { addTargetFlags, type TargetFlags, targetOf } from './target.js'
import { addReportFlags, availableServices, noConnectionsMessage, reportOptions } from '../serviceaccount/report.js'

interface DoctorFlags extends TargetFlags, OfflineFlags {
  readonly strict?: boolean
  readonly resource?: string
}

const examples = `
Examples:
  $ azwi doctor checkout --namespace shop
  $ azwi doctor --deployment checkout --namespace shop --resource https://vault.azure.net
  $ azwi doctor --all-namespaces --strict --output junit > doctor.xml
  $ kubectl exec my-pod -- cat /var/run/secrets/azure/tokens/azure-identity-token | azwi doctor --token-file -
  $ azwi doctor --error "AADSTS700213: No matching federated identity record found for …"`

/** `azwi doctor`: checks every link of the chain from the cluster's issuer to the access token. Changes nothing. */
export function doctorCommand(io: Io): Command {
  const command = new Command('doctor')
    .summary('Find out why a workload gets no token, and what fixes it')
    .description(
      'Walks the chain from the cluster to the access token, says which link is broken, and prints the lines that fix it.\nIt only reads. It ends with 1 where something fails.'
    )
    .addHelpText('after', examples)
  addTargetFlags(command)
    .option('--strict', 'end with 1 for warnings too')
    .option('--resource <uri>', 'what the proof asks an access token for (default: the resource manager)')
  return addOfflineFlags(addReportFlags(command)).action(async (name: string | undefined, flags: DoctorFlags) => {
    if (await runOffline(io, name, flags)) return
    const target = targetOf(name, flags)
    const resource = flags.resource === undefined ? undefined : parseResource(flags.resource, '--resource')
    await reportDiagnosis(io, await diagnose(io, flags, target, resource), flags.strict === true)
  })
}

async function diagnose(io: Io, flags: DoctorFlags, target: Target, resource: string | undefined): Promise<Diagnosis> {
  const settings = new Settings(reportOptions, flags, io.host.environment)
  refuseContradictions(settings)
  const app = createApp(io, settings)
  try {
    const { services, deniedReads } = await availableServices(app)
    const { cluster, accounts } = await readEvidence(app, services, deniedReads, target, resource)
    for (const [name, reason] of deniedReads.unread) io.log.warn(`could not read ${name}: ${reason}`)
    if (accounts.length === 0)
      io.log.info(noConnectionsMessage(target.kind === 'cluster' ? undefined : target.namespace))
    return {
      diagnosed: [
        { serviceAccount: undefined, findings: diagnoseCluster(cluster) },
        ...accounts.map(account => ({
          serviceAccount: `${account.namespace}/${account.name}`,
          findings: diagnoseServiceAccount({ cluster, account })
        }))
      ]
    }
  } finally {
    await app.close()
  }
}

/**
 * Prints the report.
 *
 * @throws ExitStatus if a check failed, or with `strict` if a check warned
 */
export async function reportDiagnosis(io: Io, diagnosis: Diagnosis, strict: boolean): Promise<void> {
  const view = doctorView(diagnosis, strict, colorsFor(io.host.stdout, io.host.environment))
  await io.printResult(view)
  if (!view.hasPassed) throw new ExitStatus(ExitCode.failed)
}
