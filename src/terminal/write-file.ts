import { randomBytes } from 'node:crypto'
import { lstat, open, readlink, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AzwiError, shellQuoted, UsageError } from '../errors.js'

/**
 * Writes a file atomically: to a temporary file in the same directory, which is flushed to the disk and renamed. A reader sees either the
 * old or the new content. A failure changes nothing and leaves no temporary file. The file gets exactly `mode`, whatever the umask.
 *
 * @throws UsageError if the path is a directory, a device or a link, or if its directory is missing or not writable
 * @throws AzwiError if the system fails, for example because the disk is full
 */
export async function writeFileAtomically(path: string, text: string, mode: number): Promise<void> {
  await requireRegularFile(path)
  const temporary = join(dirname(path), `.azwi-${randomBytes(8).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw toWriteError(path, error)
  }
}

/** A rename would replace a link instead of its target, and would turn /dev/null into a regular file. */
async function requireRegularFile(path: string): Promise<void> {
  if (path === '') throw new UsageError('the name of the file to write is empty')
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw toWriteError(path, error)
  })
  if (found?.isDirectory())
    throw new UsageError(`cannot write ${path}: it is a directory`, `name a file in it: ${join(path, 'jwks.json')}`)
  if (found?.isSymbolicLink()) {
    throw new UsageError(
      `cannot write ${path}: it is a symbolic link`,
      `name the file that it leads to: ${await readlink(path)}`
    )
  }
  if (found && !found.isFile())
    throw new UsageError(`cannot write ${path}: it is not a regular file`, 'name a file, or write to stdout')
}

function toWriteError(path: string, cause: unknown): AzwiError {
  const folder = dirname(path)
  switch (codeOf(cause)) {
    case 'ENOENT':
      return new UsageError(
        `cannot write ${path}: there is no directory ${folder}`,
        `mkdir -p ${shellQuoted(folder)}`,
        cause
      )
    case 'ENOTDIR':
      return new UsageError(
        `cannot write ${path}: ${folder} is not a directory`,
        'name a file in a directory that exists',
        cause
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UsageError(
        `cannot write ${path}: writing to ${folder} is not allowed`,
        'name a file in a directory of your own',
        cause
      )
    case 'ENAMETOOLONG':
      return new UsageError(`cannot write ${path}: the name is too long`, 'choose a shorter name', cause)
    default: {
      const reason = cause instanceof Error ? cause.message : String(cause)
      return new AzwiError('WriteFailed', `cannot write ${path}: ${reason}`, {
        cause,
        hint: 'nothing was written; see that the disk is not full'
      })
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
