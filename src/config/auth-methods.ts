/** The values of `--auth-method`. The Go azwi has `cli`, `client_secret` and `client_certificate`. */
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
/** A value of `--auth-method`. */
export type AuthMethod = (typeof authMethods)[number]
