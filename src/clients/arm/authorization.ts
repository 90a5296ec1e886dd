import {
  AuthorizationManagementClient,
  type RoleAssignment as SdkAssignment,
  type RoleDefinition as SdkRole
} from '@azure/arm-authorization'
import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { sameGrant } from '../../domain/grant.js'
import { batched } from '../../net/batch.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, translateErrors, undefinedIfNotFound } from '../../net/service-error.js'
import { quoted } from '../odata.js'
import { armClientOptions, armErrorFormat, collect } from './sdk.js'

/** A role that can be assigned. */
export interface RoleDefinition {
  readonly id: string
  /** A GUID. */
  readonly name: string
  readonly roleName: string
}

/** A role of one principal at one scope. */
export interface RoleAssignment {
  readonly id: string
  /** A GUID. */
  readonly name: string
  readonly scope: string
  readonly principalId: string
  readonly roleDefinitionId: string
}

type NewRoleAssignment = Omit<RoleAssignment, 'id'>

interface CreateResult {
  readonly assignment: RoleAssignment
  readonly created: boolean
}

/** Role definitions and role assignments, in Azure Resource Manager. Every method throws a ServiceError. */
export class AuthorizationClient {
  readonly #sdk: AuthorizationManagementClient
  readonly #retryBudget: RetryBudget
  /** A cache of lists of whole subscriptions. They stay valid, because a command never reads again what it has written. */
  readonly #subscriptionLists = new Map<string, Promise<readonly RoleAssignment[]>>()
  readonly #roles = new Map<string, Promise<RoleDefinition[]>>()
  readonly #created = new Map<string, Promise<CreateResult>>()

  constructor(
    subscriptionId: string,
    cloud: Cloud,
    credential: TokenCredential,
    transport: HttpClient,
    retryBudget: RetryBudget
  ) {
    this.#sdk = new AuthorizationManagementClient(credential, subscriptionId, armClientOptions(cloud, transport))
    this.#retryBudget = retryBudget
  }

  /** Returns the roles with this name, in any letter case, that can be assigned at the scope. */
  async rolesNamed(roleName: string, scope: string): Promise<RoleDefinition[]> {
    return this.#cachedRoles(`${roleName} ${scope}`, () =>
      this.#listRoles(`look up the role "${roleName}"`, scope, `roleName eq ${quoted(roleName)}`)
    )
  }

  async roleById(roleId: string): Promise<RoleDefinition | undefined> {
    const [found] = await this.#cachedRoles(roleId, async () => {
      const role = await undefinedIfNotFound(
        translateErrors(armErrorFormat, `read the role ${roleId}`, async () =>
          roleFromSdk(await this.#sdk.roleDefinitions.getById(withoutLeadingSlash(roleId)))
        )
      )
      return role === undefined ? [] : [role]
    })
    return found
  }

  /** Returns every role that can be assigned at a scope or below it: hundreds, in one request. */
  async rolesWithin(scope: string): Promise<RoleDefinition[]> {
    return this.#listRoles(`list the roles at ${scope}`, scope, 'atScopeAndBelow()')
  }

  async #listRoles(operation: string, scope: string, filter: string): Promise<RoleDefinition[]> {
    return translateErrors(armErrorFormat, operation, () =>
      collect(this.#sdk.roleDefinitions.list(withoutLeadingSlash(scope), { filter }), roleFromSdk)
    )
  }

  /** Roles do not change while a command runs, and many workloads use the same ones. */
  #cachedRoles(key: string, lookUp: () => Promise<RoleDefinition[]>): Promise<RoleDefinition[]> {
    const roles = this.#roles.get(key) ?? lookUp()
    this.#roles.set(key, roles)
    return roles
  }

  /** Returns the assignments of all principals at, above and below a scope. */
  async assignmentsWithin(scope: string): Promise<readonly RoleAssignment[]> {
    return this.#listAssignments(scope)
  }

  /** Returns the principal's assignments at, above and below a scope. Answers a large batch from one list of the subscription. */
  async assignmentsOf(principalId: string, scope: string): Promise<readonly RoleAssignment[]> {
    return (await this.#assignmentsOf(JSON.stringify([principalId, scope]))) ?? []
  }

  readonly #assignmentsOf = batched(Infinity, (keys: readonly string[]) => {
    const wanted = keys.map(key => {
      const [principalId, scope] = JSON.parse(key) as [string, string]
      return { key, principalId, scope, subscription: subscriptionOf(scope) }
    })
    const batchSizes = new Map<string | undefined, number>()
    for (const { subscription } of wanted) batchSizes.set(subscription, (batchSizes.get(subscription) ?? 0) + 1)
    return Promise.resolve(
      new Map(
        wanted.map(({ key, principalId, scope, subscription }) => [
          key,
          this.#lookUpAssignments(principalId, scope, subscription, batchSizes.get(subscription) ?? 1)
        ])
      )
    )
  })

  async #lookUpAssignments(
    principalId: string,
    scope: string,
    subscription: string | undefined,
    batchSize: number
  ): Promise<readonly RoleAssignment[]> {
    if (subscription === undefined || batchSize <= maxSingleReads) return this.#listAssignments(scope, principalId)
    const listed = this.#subscriptionLists.get(subscription) ?? this.#listAssignments(subscription)
    this.#subscriptionLists.set(subscription, listed)
    return (await listed).filter(assignment => assignment.principalId.toLowerCase() === principalId.toLowerCase())
  }

  async #listAssignments(scope: string, principalId?: string): Promise<readonly RoleAssignment[]> {
    const options = principalId === undefined ? {} : { filter: `principalId eq ${quoted(principalId)}` }
    return translateErrors(
      armErrorFormat,
      `list the role assignments ${principalId === undefined ? `at ${scope}` : `of ${principalId}`}`,
      () => collect(this.#sdk.roleAssignments.listForScope(withoutLeadingSlash(scope), options), assignmentFromSdk)
    )
  }

  async assignmentById(id: string): Promise<RoleAssignment | undefined> {
    return undefinedIfNotFound(
      translateErrors(armErrorFormat, `read the role assignment ${id}`, async () =>
        assignmentFromSdk(await this.#sdk.roleAssignments.getById(withoutLeadingSlash(id)))
      )
    )
  }

  /**
   * Creates an assignment with the given GUID as its name. The request is idempotent. If the principal already has the role at the scope
   * under another GUID, returns that assignment with `created: false`. Workloads can share a principal: only the first call for a name
   * sends a request, and only its result has `created: true`.
   */
  async createAssignment(wanted: NewRoleAssignment): Promise<CreateResult> {
    const earlier = this.#created.get(wanted.name)
    if (earlier !== undefined) return { ...(await earlier), created: false }
    const result = this.#createAssignment(wanted)
    this.#created.set(wanted.name, result)
    return result
  }

  async #createAssignment({ name, scope, principalId, roleDefinitionId }: NewRoleAssignment): Promise<CreateResult> {
    const create = () =>
      translateErrors(armErrorFormat, `assign the role ${roleDefinitionId} to ${principalId} at ${scope}`, async () =>
        assignmentFromSdk(
          // With `principalType`, Azure accepts a principal that it does not show yet. Source: Azure RBAC troubleshooting,
          // "PrincipalNotFound".
          await this.#sdk.roleAssignments.create(withoutLeadingSlash(scope), name, {
            principalId,
            roleDefinitionId,
            principalType: 'ServicePrincipal'
          })
        )
      )
    try {
      const assignment = await retryWhile(
        create,
        isNotReplicated,
        `Azure does not know the principal or the role yet`,
        this.#retryBudget
      )
      return { assignment, created: true }
    } catch (error) {
      if (!isStatus(error, 409) || error.code !== 'RoleAssignmentExists') throw error
      const existing = (await this.assignmentsOf(principalId, scope)).find(sameGrant({ scope, roleDefinitionId }))
      if (existing === undefined) throw error
      return { assignment: existing, created: false }
    }
  }

  /** Deletes an assignment. Returns false if it does not exist. */
  async deleteAssignment(id: string): Promise<boolean> {
    const deleted = await undefinedIfNotFound(
      translateErrors(armErrorFormat, `delete the role assignment ${id}`, () =>
        this.#sdk.roleAssignments.deleteById(withoutLeadingSlash(id))
      )
    )
    // If there is no such assignment, Azure answers 204 without a body, and the SDK returns an object without an ID.
    return deleted?.id !== undefined
  }
}

/** Reads a batch of up to this size one by one. */
const maxSingleReads = 3

/** Returns the resource ID of the subscription that a scope is in, in lower case. Undefined for a management group. */
const subscriptionOf = (scope: string): string | undefined => /^\/subscriptions\/[^/]+/i.exec(scope)?.[0].toLowerCase()

/** The SDK adds a slash before a scope. */
const withoutLeadingSlash = (id: string): string => id.replace(/^\//, '')

/** Reports whether Azure does not show a new principal or custom role yet. Source: Azure RBAC troubleshooting. */
const isNotReplicated = (error: unknown): boolean =>
  isStatus(error, 400, 404) && ['PrincipalNotFound', 'RoleDefinitionDoesNotExist'].includes(error.code)

const roleFromSdk = ({ id = '', name = '', roleName = '' }: SdkRole): RoleDefinition => ({ id, name, roleName })

const assignmentFromSdk = ({
  id = '',
  name = '',
  scope = '',
  principalId = '',
  roleDefinitionId = ''
}: SdkAssignment): RoleAssignment => ({ id, name, scope, principalId, roleDefinitionId })
