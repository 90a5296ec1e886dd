import type { Context, Service } from '../phases/context.js'
import type { Refusals } from '../phases/refusals.js'
import type { ClusterEvidence, ServiceAccountEvidence } from './evidence.js'
import type { Target } from './target.js'

/** Stands in for the reading of evidence, which is written elsewhere. */
export async function readEvidence(
  _context: Context, _reach: ReadonlySet<Service>, _refusals: Refusals, _target: Target, _resource: string | undefined
): Promise<{ readonly cluster: ClusterEvidence; readonly accounts: readonly ServiceAccountEvidence[] }> {
  return Promise.reject(new Error('evidence cannot be read yet'))
}
