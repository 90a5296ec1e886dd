/**
 * What a service account is connected to. Each part is a question, answered from the flags where they say it and otherwise looked up
 * once, so that a phase asks only for the logins that it really uses.
 */
export interface Identity {
  readonly kind: 'application'
  /** Goes into the service account's annotation. */
  readonly clientId: () => Promise<string>
  /** Where the federated identity credentials hang. */
  readonly objectId: () => Promise<string>
  /** What roles are assigned to: the object id of the service principal. */
  readonly principalId: () => Promise<string>
  /** Whether azwi, or the Go azwi, made it. */
  readonly isOurs: () => Promise<boolean>
}
