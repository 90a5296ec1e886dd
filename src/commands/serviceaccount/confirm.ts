import { createInterface } from 'node:readline'
import { additionsOf } from '../../engine/additions.js'
import { AzwiError, InterruptedError } from '../../errors.js'
import { nameChange } from '../../terminal/views/changes.js'
import type { Host } from '../../host.js'
import type { Io } from '../../terminal/io.js'
import type { Change } from '../../engine/phase.js'

const deletesIdentity = ({ kind, action }: Change): boolean => action === 'delete' && kind.identity !== undefined

/** Warns if an identity is deleted without the role phase. Its role assignments then remain, and cannot be found by the identity. */
export function warnOfOrphanedRoles(changes: readonly Change[], { log }: Io): void {
  if (!changes.some(deletesIdentity) || changes.some(({ kind }) => kind.part === 'role-assignment')) return
  log.warn(
    'role assignments of the identity, if it has any, stay behind as "Identity not found": let the phase role-assignment run first'
  )
}

/** Returns stderr, or stdout if only stdout is a terminal. Undefined in a pipe and in CI, where nobody can answer. */
function screenOf({ stderr, stdout, stdin, environment }: Host): Host['stdout'] | undefined {
  if (stdin.isTTY !== true || environment.CI) return undefined
  return [stderr, stdout].find(({ isTTY }) => isTTY === true)
}

/** Reports whether somebody can answer a prompt. */
export const canPrompt = ({ host }: Io): boolean => screenOf(host) !== undefined

/**
 * Prompts for confirmation before an identity, or what people have added, is deleted, and lists what is deleted with it. Does not prompt if nobody can
 * answer. Throws an AzwiError unless the answer is yes.
 */
export async function confirmDeletion(changes: readonly Change[], { host }: Io): Promise<void> {
  const identities = changes.filter(deletesIdentity)
  const additions = additionsOf(changes)
  const screen = screenOf(host)
  if (screen === undefined || identities.length + additions.length === 0) return
  const others = changes.filter(change => change.action === 'delete' && !identities.includes(change))
  if (identities.length > 0) {
    screen.write(
      `This deletes the ${identities.map(change => `${nameChange(change)} (client id ${change.fields.clientID ?? 'unknown'})`).join(' and the ')}\n`
    )
    screen.write(others.length === 0 ? 'and nothing else.\n' : `and with it: ${others.map(nameChange).join(', ')}.\n`)
  }
  if (additions.length > 0) screen.write(`People have added:\n${additions.map(addition => `  ${addition}\n`).join('')}`)
  await requireYes(screen, host)
}

/** Prompts before a prune. The plan has been shown. Throws an AzwiError unless the answer is yes. */
export async function promptForRemovals(totals: string, additions: readonly string[], { host }: Io): Promise<void> {
  const screen = screenOf(host)
  if (screen === undefined) return
  if (additions.length > 0) screen.write(`People have added:\n${additions.map(addition => `  ${addition}\n`).join('')}`)
  screen.write(`This deletes ${totals}.\n`)
  await requireYes(screen, host)
}

async function requireYes(screen: Host['stdout'], host: Host): Promise<void> {
  const answer = await promptFor('Go on? [y/N] ', screen, host)
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new AzwiError('NotConfirmed', 'nothing was deleted', { hint: 'answer y, or add --yes' })
}

/** Resolves to the typed line, or to an empty text if the terminal is closed (Ctrl-D). Throws an InterruptedError on Ctrl-C. */
async function promptFor(question: string, screen: Host['stdout'], { stdin, interruption }: Host): Promise<string> {
  const lines = createInterface({ input: stdin, output: screen, terminal: true })
  try {
    return await new Promise((resolve, reject) => {
      const interrupted = (): void => {
        // Ctrl-C does not end the line of the prompt.
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
    // Closing emits 'close' too, which would print another line.
    lines.removeAllListeners('close')
    lines.close()
  }
}
