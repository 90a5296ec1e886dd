import {
  AuthorizationManagementClient,
  type RoleAssignment as SdkAssignment,
  type RoleDefinition as SdkRole
} from '@azure/arm-authorization'
import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { sameGrant } from '../../domain/grant.js'
import { armClientOptions, armErrorFormat } from './sdk.js'
import { quoted } from '../odata.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { batched } from '../../net/batch.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, undefinedIfNotFound, translateErrors } from '../../net/service-error.js'

export interface RoleDefinition {
  readonly id: string
  /** The GUID. */
  readonly name: string
  readonly roleName: string
}

export interface RoleAssignment {
  readonly id: string
  /** The GUID. */
  readonly name: string
  readonly scope: string
  readonly principalId: string
  readonly roleDefinitionId: string
}

export type NewRoleAssignment = Omit<RoleAssignment, 'id'>

interface WrittenAssignment {
  readonly assignment: RoleAssignment
  readonly created: boolean
}

/** Role definitions and role assignments, over Azure Resource Manager. */
export class AuthorizationClient {
  readonly #sdk: AuthorizationManagementClient
  readonly #retryBudget: RetryBudget
  /** As they were when many were first asked for: a command never asks again for what it has itself written. */
  readonly #lists = new Map<string, Promise<readonly RoleAssignment[]>>()
  readonly #roles = new Map<string, Promise<RoleDefinition[]>>()
  readonly #written = new Map<string, Promise<WrittenAssignment>>()

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

  /** Roles with this name, in any letter case, that can be assigned at the scope. */
  async rolesNamed(roleName: string, scope: string): Promise<RoleDefinition[]> {
    return this.#remember(`${roleName} ${scope}`, () => this.#rolesNamed(roleName, scope))
  }

  async #rolesNamed(roleName: string, scope: string): Promise<RoleDefinition[]> {
    return translateErrors(armErrorFormat, `look up the role "${roleName}"`, async () => {
      const found: RoleDefinition[] = []
      for await (const role of this.#sdk.roleDefinitions.list(bare(scope), {
        filter: `roleName eq ${quoted(roleName)}`
      }))
        found.push(roleDefinition(role))
      return found
    })
  }

  async roleById(roleId: string): Promise<RoleDefinition | undefined> {
    return this.#remember(roleId, async () => {
      const role = await undefinedIfNotFound(
        translateErrors(armErrorFormat, `read the role ${roleId}`, async () =>
          roleDefinition(await this.#sdk.roleDefinitions.getById(bare(roleId)))
        )
      )
      return role === undefined ? [] : [role]
    }).then(([role]) => role)
  }

  /** Roles do not change while a command runs, and many workloads ask for the same ones. */
  #remember(key: string, lookUp: () => Promise<RoleDefinition[]>): Promise<RoleDefinition[]> {
    const known = this.#roles.get(key) ?? lookUp()
    this.#roles.set(key, known)
    return known
  }

  /** Every role that can be assigned at a scope or below it: hundreds, in one request. */
  async rolesWithin(scope: string): Promise<RoleDefinition[]> {
    return translateErrors(armErrorFormat, `list the roles at ${scope}`, async () => {
      const found: RoleDefinition[] = []
      for await (const role of this.#sdk.roleDefinitions.list(bare(scope), { filter: 'atScopeAndBelow()' }))
        found.push(roleDefinition(role))
      return found
    })
  }

  /** Everybody's assignments at, above and below a scope. */
  async assignmentsWithin(scope: string): Promise<readonly RoleAssignment[]> {
    return this.#list(scope)
  }

  /** The principal's assignments at, above and below a scope. */
  async assignmentsOf(principalId: string, scope: string): Promise<readonly RoleAssignment[]> {
    return (await this.#assignmentsOf(JSON.stringify([principalId, scope]))) ?? []
  }

  /** Many principals at once are served by one list of the whole subscription. */
  readonly #assignmentsOf = batched(Infinity, (keys: readonly string[]) =>
    Promise.resolve(new Map(keys.map(key => [key, this.#ofPrincipal(key, keys.length)])))
  )

  async #ofPrincipal(key: string, askedAtOnce: number): Promise<readonly RoleAssignment[]> {
    const [principalId, scope] = JSON.parse(key) as [string, string]
    const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0].toLowerCase()
    if (subscription === undefined || askedAtOnce <= fewPrincipals) return this.#list(scope, principalId)
    const listed = this.#lists.get(subscription) ?? this.#list(subscription)
    this.#lists.set(subscription, listed)
    return (await listed).filter(assignment => assignment.principalId.toLowerCase() === principalId.toLowerCase())
  }

  async #list(scope: string, principalId?: string): Promise<readonly RoleAssignment[]> {
    return translateErrors(
      armErrorFormat,
      `list the role assignments ${principalId === undefined ? `at ${scope}` : `of ${principalId}`}`,
      async () => {
        const found: RoleAssignment[] = []
        const options = principalId === undefined ? {} : { filter: `principalId eq ${quoted(principalId)}` }
        for await (const assignment of this.#sdk.roleAssignments.listForScope(bare(scope), options))
          found.push(roleAssignment(assignment))
        return found
      }
    )
  }

  async assignmentById(id: string): Promise<RoleAssignment | undefined> {
    return undefinedIfNotFound(
      translateErrors(armErrorFormat, `read the role assignment ${id}`, async () =>
        roleAssignment(await this.#sdk.roleAssignments.getById(bare(id)))
      )
    )
  }

  /**
   * Writes an assignment under the GUID that the caller derived, so that it can be sent again. Where the same role, scope and principal
   * are already assigned under another GUID, that one is returned with `created: false`. It is written once, however many share the principal:
   * for the first of them it is created.
   */
  async createAssignment(wanted: NewRoleAssignment): Promise<WrittenAssignment> {
    const known = this.#written.get(wanted.name)
    if (known !== undefined) return { ...(await known), created: false }
    const written = this.#createAssignment(wanted)
    this.#written.set(wanted.name, written)
    return written
  }

  async #createAssignment({
    name,
    scope,
    principalId,
    roleDefinitionId
  }: NewRoleAssignment): Promise<WrittenAssignment> {
    const create = () =>
      translateErrors(armErrorFormat, `assign the role ${roleDefinitionId} to ${principalId} at ${scope}`, async () =>
        roleAssignment(
          // principalType spares a principal that was just made the check for it: Azure RBAC troubleshooting, "PrincipalNotFound".
          await this.#sdk.roleAssignments.create(bare(scope), name, {
            principalId,
            roleDefinitionId,
            principalType: 'ServicePrincipal'
          })
        )
      )
    try {
      return {
        assignment: await retryWhile(
          create,
          notYetKnown,
          `Azure does not know the principal or the role yet`,
          this.#retryBudget
        ),
        created: true
      }
    } catch (error) {
      if (!isStatus(error, 409) || error.code !== 'RoleAssignmentExists') throw error
      const existing = (await this.assignmentsOf(principalId, scope)).find(sameGrant({ scope, roleDefinitionId }))
      if (existing === undefined) throw error
      return { assignment: existing, created: false }
    }
  }

  /** False where it was gone already. */
  async deleteAssignment(id: string): Promise<boolean> {
    const deleted = await undefinedIfNotFound(
      translateErrors(armErrorFormat, `delete the role assignment ${id}`, () =>
        this.#sdk.roleAssignments.deleteById(bare(id))
      )
    )
    // ARM answers 204 without a body, which the SDK hands on as an object without an id, where there was nothing to delete.
    return deleted?.id !== undefined
  }
}

/** Up to so many are asked for one by one. */
const fewPrincipals = 3

/** The SDK puts a slash before a scope itself. */
const bare = (id: string): string => id.replace(/^\//, '')

/** A principal or a custom role that was just made. Source: Azure RBAC troubleshooting. */
const notYetKnown = (error: unknown): boolean =>
  isStatus(error, 400, 404) && ['PrincipalNotFound', 'RoleDefinitionDoesNotExist'].includes(error.code)

const roleDefinition = ({ id = '', name = '', roleName = '' }: SdkRole): RoleDefinition => ({ id, name, roleName })

const roleAssignment = ({
  id = '',
  name = '',
  scope = '',
  principalId = '',
  roleDefinitionId = ''
}: SdkAssignment): RoleAssignment => ({ id, name, scope, principalId, roleDefinitionId })
