/** The values of `--auth-method`: the Go azwi's three, and those that it lacks. */
export const authMethods = [
  'cli',
  'client_secret',
  'client_certificate',
  'workload_identity',
  'github',
  'managed_identity',
  'azd',
  'device_code',
  'default'
] as const
export type AuthMethod = (typeof authMethods)[number]
