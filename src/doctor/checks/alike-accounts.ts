import { parseServiceAccountSubject, type ServiceAccountReference } from '../../identity/subject.js'
import { editDistance } from '../edit-distance.js'

/** More would tell a person no more. */
const mostNamed = 3
/** A slip of the fingers: two characters. */
const slip = 2

/** Service accounts that may have been meant: of the same name in another namespace, or nearly the same name in this one. */
export function alikeAccounts(
  { namespace, name }: ServiceAccountReference,
  subjects: ReadonlySet<string>
): ServiceAccountReference[] {
  // Every namespace has one of this name.
  const isOwn = name !== 'default'
  return [...subjects]
    .flatMap(subject => parseServiceAccountSubject(subject) ?? [])
    .filter(other =>
      other.namespace === namespace
        ? Math.abs(other.name.length - name.length) <= slip && editDistance(other.name, name) <= slip
        : isOwn && other.name === name
    )
    .slice(0, mostNamed)
}
