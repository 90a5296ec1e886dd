/** Takes a token, and says 0; or for how many seconds there is none yet. */
export type TokenBucket = () => number

/** A bucket that fills at a rate, up to `burst` tokens, and is full in the beginning. */
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
