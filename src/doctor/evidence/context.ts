import type { ClusterReader } from '../../clients/kubernetes/cluster-reader.js'
import type { PublicDocument } from '../../net/public-document.js'
import type { Context } from '../../context.js'

/** What the doctor may ask for, beside what every phase may. */
export interface DoctorContext extends Context {
  readonly clusterReader: () => Promise<ClusterReader>
  /** Fetches a public document as Entra would, and does not wait for long. */
  readonly fetchPublicDocument: (url: string) => Promise<PublicDocument>
}
