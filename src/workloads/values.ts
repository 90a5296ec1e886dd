import { refuseLabel, refuseTag, role, scope } from '../config/parse.js'
import { UsageError } from '../errors.js'
import { setLabel } from '../identity/annotations.js'
import { placeText, type Path, type WorkloadDocument } from './document.js'
import type { WorkloadContent, WorkloadsContent } from './validate.js'

const ownLabels: readonly string[] = [setLabel, 'app.kubernetes.io/managed-by']

/** Throws a UsageError, with the place, for the first label, tag or role that cannot be meant: what a schema cannot say. */
export function refuseValues(document: WorkloadDocument, { defaults, workloads }: WorkloadsContent): void {
  const check = (path: Path, refuse: (origin: string) => void): void => {
    try {
      refuse(path.join('.'))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError(`${placeText(document.placeOf(path))}: ${error.message}`, error.hint, error)
    }
  }
  const checkAll = (base: Path, { labels = {}, identity, roles = [] }: WorkloadContent): void => {
    for (const [key, value] of Object.entries(labels))
      check([...base, 'labels', key], origin => {
        refuseOwnOrBad(key, value, origin)
      })
    for (const [key, value] of Object.entries(identity?.managedIdentity?.tags ?? {})) {
      check([...base, 'identity', 'managedIdentity', 'tags', key], origin => {
        refuseTag(key, value, `${origin} ${JSON.stringify(value)}`)
      })
    }
    roles.forEach((each, index) => {
      check([...base, 'roles', index, 'role'], origin => role(each.role, origin))
      check([...base, 'roles', index, 'scope'], origin => scope(each.scope, origin))
    })
  }
  checkAll(['defaults'], defaults ?? {})
  workloads.forEach((workload, index) => {
    checkAll(['workloads', index], workload)
  })
}

function refuseOwnOrBad(key: string, value: string, origin: string): void {
  if (ownLabels.includes(key))
    throw new UsageError(
      `${origin} is azwi's own mark`,
      key === setLabel ? 'name the set in the field set, at the top' : 'leave it out'
    )
  refuseLabel(key, value, `${origin} ${JSON.stringify(value)}`)
}
