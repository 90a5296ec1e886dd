import { createInterface } from 'node:readline'
import { AzwiError, InterruptedError } from '../../errors.js'
import { nameChange } from '../../terminal/views/changes.js'
import type { Host, Io } from '../../terminal/io.js'
import type { Change } from '../../engine/phase.js'

const deletesIdentity = ({ kind, action }: Change): boolean =>
  action === 'delete' && (kind === 'application' || kind === 'managed-identity')

/** An identity that goes without the role phase leaves its assignments behind, and nobody can find them by it any more. */
export function warnOfOrphans(changes: readonly Change[], { log }: Io): void {
  if (!changes.some(deletesIdentity) || changes.some(({ kind }) => kind === 'role-assignment')) return
  log.warn(
    'role assignments of the identity, if it has any, stay behind as "Identity not found": let the phase role-assignment run first'
  )
}

/**
 * Asks a person before an identity is deleted, naming it and what goes with it; on stdout where only that is seen, since then no program
 * reads it. Nobody is asked where nobody sits: in a pipe, in CI.
 * Throws an AzwiError where the answer is not yes.
 */
export async function confirmDeletion(changes: readonly Change[], { host }: Io): Promise<void> {
  const identities = changes.filter(deletesIdentity)
  const screen = [host.stderr, host.stdout].find(({ isTTY }) => isTTY === true)
  if (identities.length === 0 || screen === undefined || host.stdin.isTTY !== true || host.environment.CI) return
  const others = changes.filter(change => change.action === 'delete' && !identities.includes(change))
  screen.write(
    `This deletes the ${identities.map(change => `${nameChange(change)} (client id ${change.fields.clientID ?? 'unknown'})`).join(' and the ')}\n`
  )
  screen.write(others.length === 0 ? 'and nothing else.\n' : `and with it: ${others.map(nameChange).join(', ')}.\n`)
  const answer = await ask('Go on? [y/N] ', screen, host)
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new AzwiError('NotConfirmed', 'nothing was deleted', { hint: 'answer y, or add --yes' })
}

/** What is typed; nothing where the terminal is closed instead (Ctrl-D). Throws an InterruptedError on Ctrl-C. */
async function ask(question: string, screen: Host['stdout'], { stdin, interruption }: Host): Promise<string> {
  const lines = createInterface({ input: stdin, output: screen, terminal: true })
  try {
    return await new Promise((resolve, reject) => {
      const interrupted = (): void => {
        // The prompt's line is not finished by a key that ends it.
        screen.write('\n')
        reject(new InterruptedError(interruption))
      }
      interruption.addEventListener('abort', interrupted, { once: true })
      lines
        .on('SIGINT', interrupted)
        .on('close', () => {
          screen.write('\n')
          resolve('')
        })
        .question(question, resolve)
    })
  } finally {
    // Else the end of the question would be told as one more of its answers, on a line of its own.
    lines.removeAllListeners('close')
    lines.close()
  }
}
