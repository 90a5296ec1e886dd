import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { ApplicationsClient } from './applications.js'
import { ApplicationCredentialsClient } from './credentials.js'
import { GraphRequests } from './requests.js'
import { ServicePrincipalsClient } from './service-principals.js'

export type { Application, ApplicationAdditions, DeletedApplication, NewApplication } from './applications.js'
export type { ServicePrincipal } from './service-principals.js'

/** The parts of Microsoft Graph v1.0 that azwi uses. Every method throws a ServiceError when Graph refuses or cannot be reached. */
export class GraphClient {
  readonly applications: ApplicationsClient
  readonly servicePrincipals: ServicePrincipalsClient
  /** The federated identity credentials of applications. */
  readonly credentials: ApplicationCredentialsClient

  constructor(cloud: Cloud, login: TokenCredential, transport: HttpClient, retryBudget: RetryBudget) {
    const requests = new GraphRequests(cloud.graph, login, transport)
    this.applications = new ApplicationsClient(requests, retryBudget)
    this.servicePrincipals = new ServicePrincipalsClient(requests, retryBudget)
    this.credentials = new ApplicationCredentialsClient(requests, retryBudget)
  }
}
