import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const pause = 50

/**
 * Runs the work while no other process on this machine does work under the same lock file. The lock of a dead process is removed.
 * Throws if the lock is not free after `timeout` milliseconds.
 */
export async function withProcessLock<T>(path: string, work: () => Promise<T>, timeout = 300_000): Promise<T> {
  for (let waited = 0; !(await take(path)); waited += pause) {
    if (waited >= timeout)
      throw new Error(`${path} is held by process ${await holderOf(path)}: remove the file if that is not a build`)
    await removeIfDead(path)
    await sleep(pause)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

/** Creates the lock file with this process's ID in it. Returns false if the file exists. */
async function take(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`
  await writeFile(own, String(process.pid))
  try {
    // A link creates the lock and its content in one step, so that no process reads an empty lock.
    await link(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

async function removeIfDead(path: string): Promise<void> {
  if (!(await isDead(path))) return
  // One process at a time removes the lock of a dead process, and checks again before. Otherwise a slow process could remove the lock of the next holder.
  const cleanup = `${path}.cleanup`
  if (!(await take(cleanup))) return
  try {
    if (await isDead(path)) await rm(path, { force: true })
  } finally {
    await rm(cleanup, { force: true })
  }
}

async function isDead(path: string): Promise<boolean> {
  const holder = await holderOf(path)
  if (holder === undefined) return false
  try {
    process.kill(holder, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text === '' ? undefined : Number(text)
}
