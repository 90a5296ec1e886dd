import type { Context } from '../context.js'
import { AzwiError, ExitCode } from '../errors.js'

/** A subscription that the login can see. */
export interface VisibleSubscription {
  /** A GUID. */
  readonly id: string
  /** Whether it is the subscription of the login. */
  readonly isCurrent: boolean
}

/** Lists the subscriptions that the login can see, first its own. Without permission to list them, warns and returns only its own. */
export async function visibleSubscriptions(context: Context): Promise<VisibleSubscription[]> {
  const { resourceManager, subscriptionId } = context
  const [current, listed] = await Promise.all([
    subscriptionId(),
    ifAllowed(
      context,
      async () => (await resourceManager()).subscriptionIds(),
      'could not list the subscriptions, so only the current one was searched'
    )
  ])
  const others = (listed ?? []).filter(id => id.toLowerCase() !== current.toLowerCase())
  return [{ id: current, isCurrent: true }, ...others.map(id => ({ id, isCurrent: false }))]
}

/** Returns what the work returns. If the login has no permission, or the subscription is deleted, logs the warning and returns undefined; without a warning, throws. */
export async function ifAllowed<T>(
  { log }: Pick<Context, 'log'>,
  work: () => Promise<T>,
  warning: string | undefined
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const isSkipped =
      error instanceof AzwiError && (error.exitCode === ExitCode.login || error.code === 'SubscriptionNotFound')
    if (warning === undefined || !isSkipped) throw error
    log.warn(warning)
    return undefined
  }
}
