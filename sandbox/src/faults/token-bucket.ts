/** Takes a token and returns 0. If there is none, returns the seconds until there is one. */
export type TokenBucket = () => number

/** Creates a bucket that fills at a constant rate, up to `burst` tokens. It starts full. */
export function createTokenBucket({
  perSecond,
  burst,
  now
}: {
  perSecond: number
  burst: number
  now: () => Date
}): TokenBucket {
  let tokens = burst
  let filledAt = now().getTime()
  return () => {
    const at = now().getTime()
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond)
    filledAt = at
    if (tokens < 1) return (1 - tokens) / perSecond
    tokens -= 1
    return 0
  }
}
