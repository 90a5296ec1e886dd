import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** What a build reads: folders with all that is in them, and files. */
const inputs = ['src', 'sandbox/src', 'scripts', 'package.json', 'package-lock.json', 'sandbox/package.json']

/**
 * The file that names the inputs of a build by their digest. A build writes it last, so an interrupted build has none.
 */
const stampFile = 'dist/.built-from'

/**
 * Returns a digest of the names and contents of everything that a build reads. Times do not count: they change with
 * every checkout, and a deleted file has none.
 */
export async function digestOfInputs(root: string): Promise<string> {
  const digest = createHash('sha256')
  for (const path of (await Promise.all(inputs.map(input => filesIn(root, input)))).flat()) {
    digest
      .update(`${path}\0`)
      .update(await readFile(join(root, path)))
      .update('\0')
  }
  return digest.digest('hex')
}

/** Records that dist/ was built from the inputs with this digest. */
export async function writeStamp(root: string, digest: string): Promise<void> {
  await writeFile(join(root, stampFile), `${digest}\n`)
}

/** Reports whether dist/ was built from the inputs as they are now. */
export async function isBuildFresh(root: string): Promise<boolean> {
  const [digest, stamped] = await Promise.all([
    digestOfInputs(root),
    readFile(join(root, stampFile), 'utf8').catch(() => undefined)
  ])
  return stamped === `${digest}\n`
}

async function filesIn(root: string, path: string): Promise<string[]> {
  if ((await stat(join(root, path))).isFile()) return [path]
  const entries = await readdir(join(root, path), { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()
}
