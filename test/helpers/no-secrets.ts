/**
 * Expects that a command printed no secret: no token or assertion (all of them are JWTs), no private key, and not its client secret. Only
 * `sandbox start` prints a login.
 */
export function expectNoSecrets(
  printed: string,
  environment: Readonly<Record<string, string | undefined>>,
  words: readonly string[]
): void {
  if (words[0] === 'sandbox') return
  const found = [
    /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/.exec(printed) === null ? undefined : 'a token',
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(printed) ? 'a private key' : undefined,
    (environment.AZURE_CLIENT_SECRET?.length ?? 0) > 8 && printed.includes(environment.AZURE_CLIENT_SECRET!)
      ? 'the client secret'
      : undefined
  ].filter(each => each !== undefined)
  if (found.length > 0) throw new Error(`azwi ${words.join(' ')} printed ${found.join(', ')}`)
}
