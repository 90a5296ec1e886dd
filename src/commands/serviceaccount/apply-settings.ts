import { flagOf, type OptionName, optionsOf } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import type { Context } from '../../context.js'
import { UsageError } from '../../errors.js'
import { refuseContradictions } from '../../identities/choice.js'
import type { NamedIssuer } from '../../ownership/issuer.js'
import { phases } from '../../phases/index.js'
import type { Io } from '../../terminal/io.js'
import { placeText } from '../../workloads/document.js'
import type { Workload } from '../../workloads/workload.js'

/** The flags as commander collects them, by camel-case name. */
export type Flags = Readonly<Record<string, unknown>>

/** The options of apply itself. */
export const commonNames = optionsOf('apply')
/** The options of a workload. The file or the command line sets them. */
const workloadNames: readonly OptionName[] = [
  ...new Set([...phases.flatMap(phase => phase.options.create), ...commonNames])
]
/** The options of what apply deletes. */
export const removalNames: readonly OptionName[] = [
  ...new Set([...phases.flatMap(phase => phase.options.delete), ...commonNames])
]

/** What a file says about a workload, or about the workloads of an empty document. */
export type FileSettings = Pick<Workload, 'flags' | 'place' | 'fieldOf'>

/** Returns the settings of one workload. An error about a value names its field and its place in the file, not the flag. */
export function settingsOf(workload: FileSettings, flags: Flags, { host }: Io): Settings {
  try {
    const settings = new Settings(workloadNames, { ...flags, ...workload.flags }, host.environment)
    refuseContradictions(settings)
    return settings
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const fieldOfFlag = (flag: string) => {
      const option = workloadNames.find(name => flagOf(name) === flag)
      return option && workload.fieldOf(option)
    }
    const [first = ''] = error.message.split(' ', 1)
    const message = error.message.replace(/--[a-z-]+/g, flag => fieldOfFlag(flag)?.name ?? flag)
    const place = fieldOfFlag(first)?.place ?? workload.place
    throw new UsageError(`${placeText(place)}: ${message}`, error.hint, error)
  }
}

/** Returns the issuer that the file names for a workload, with the place in the file. */
export function issuersOfFile(workload: FileSettings, { settings, issuer }: Context): NamedIssuer[] {
  return (['serviceAccountIssuerUrl', 'aksCluster'] as const)
    .filter(name => settings.given(name))
    .map(name => {
      const place = placeText(workload.fieldOf(name)?.place ?? workload.place)
      const what = name === 'aksCluster' ? `the issuer of the AKS cluster ${settings.require(name)}` : 'the issuer'
      return { origin: `${place}: ${what} is`, issuer }
    })
}
