import { stat } from 'node:fs/promises'
import type { Log } from '../output/log.js'

/** Warns of a file with a secret that others on this machine can read. A file that is not there is somebody else's error. */
export async function warnIfReadableByOthers(path: string, log: Pick<Log, 'warn'>): Promise<void> {
  // Windows keeps no such bits; what Node shows there means nothing.
  if (process.platform === 'win32') return
  const mode = await stat(path).then(
    found => found.mode,
    () => 0
  )
  if ((mode & 0o077) !== 0) log.warn(`others can read ${path}, which holds a secret: chmod 600 ${path}`)
}
