/** The values of `--auth-method`, named as in the Go azwi. */
export const authMethods = ['cli', 'client_secret', 'client_certificate'] as const
export type AuthMethod = (typeof authMethods)[number]
