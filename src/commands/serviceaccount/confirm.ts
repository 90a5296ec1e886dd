import { createInterface } from 'node:readline/promises'
import { AzwiError } from '../../errors.js'
import { nameChange } from '../../output/changes.js'
import type { Io } from '../../output/io.js'
import type { Change } from '../../phases/phase.js'

/**
 * Asks a person before an identity is deleted, naming it and what goes with it. Nobody is asked where nobody sits: in a pipe, in CI.
 * Throws an AzwiError where the answer is not yes.
 */
export async function confirmDeletion(changes: readonly Change[], { host, say }: Io): Promise<void> {
  const identities = changes.filter(({ kind, action }) => action === 'delete' && (kind === 'application' || kind === 'managed-identity'))
  const interactive = host.stdin.isTTY === true && host.stderr.isTTY === true && !host.environment.CI
  if (identities.length === 0 || !interactive) return
  const others = changes.filter(change => change.action === 'delete' && !identities.includes(change))
  say(`This deletes the ${identities.map(change => `${nameChange(change)} (client id ${change.fields.clientID ?? 'unknown'})`).join(' and the ')}`)
  say(others.length === 0 ? 'and nothing else.' : `and with it: ${others.map(nameChange).join(', ')}.`)
  const questions = createInterface({ input: host.stdin, output: host.stderr })
  try {
    const answer = await questions.question('Go on? [y/N] ', { signal: host.interruption })
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    questions.close()
  }
  throw new AzwiError('NotConfirmed', 'nothing was deleted', { hint: 'answer y, or add --yes' })
}
