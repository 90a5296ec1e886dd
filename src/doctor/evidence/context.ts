import type { ClusterReader } from '../../clients/kubernetes/cluster-reader.js'
import type { PublicDocument } from '../../net/public-document.js'
import type { Context } from '../../context.js'

/** The clients and lookups of the doctor, in addition to those of the phases. */
export interface DoctorContext extends Context {
  readonly clusterReader: () => Promise<ClusterReader>
  /** Fetches a public document without a login, as Entra does, and gives up after a few seconds. */
  readonly fetchPublicDocument: (url: string) => Promise<PublicDocument>
}
