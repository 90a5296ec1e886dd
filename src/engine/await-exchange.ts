import { AzwiError } from '../errors.js'
import type { Context } from '../context.js'
import type { Change } from './phase.js'

/**
 * Milliseconds before the first exchange. A new credential takes some seconds to reach all of Entra, and an exchange that is tried earlier is
 * cached as a failure for minutes. Source: Entra documentation, workload identity federation.
 */
const firstTry = 10_000
const pauses = [15_000, 30_000, 60_000] as const
const pauseBetweenSuccesses = 2000
const successesWanted = 3

/**
 * Waits until Entra accepts the service account's own token three times in a row, because a single answer proves only one replica of the
 * directory. Throws an AzwiError if that does not happen within `--timeout`.
 */
export async function awaitExchange(context: Context, done: readonly Change[]): Promise<void> {
  const { settings, log, retryBudget } = context
  const key = { namespace: settings.require('serviceAccountNamespace'), name: settings.require('serviceAccountName') }
  const [kubernetes, { exchangeAudience }] = await Promise.all([context.kubernetes(), context.cloud()])
  const account = await kubernetes.serviceAccount(key)
  const clientId = account?.metadata?.annotations?.['azure.workload.identity/client-id']
  if (clientId === undefined) {
    throw new AzwiError('NoClientId', `the service account ${key.namespace}/${key.name} has no client id to wait for`, {
      hint: 'run azwi serviceaccount create without --skip-phases'
    })
  }
  const written = done.some(({ kind, action }) => kind.part === 'credential' && action !== 'keep')
  if (written) await retryBudget.wait(firstTry, 'the new credential has to become known')
  let failures = 0
  for (let successes = 0; successes < successesWanted;) {
    const answer = await context.exchange(await kubernetes.serviceAccountToken(key, exchangeAudience), clientId)
    if (answer.accepted) {
      successes += 1
      if (successes < successesWanted)
        await retryBudget.wait(pauseBetweenSuccesses, `Entra took the token ${successes} of ${successesWanted} times`)
    } else {
      successes = 0
      const pause = pauses[Math.min(failures, pauses.length - 1)] ?? 60_000
      failures += 1
      await retryBudget.wait(pause, `Entra does not take the token yet (${answer.reason})`)
    }
  }
  log.info("Entra takes the service account's token", { ...key, clientID: clientId })
}
