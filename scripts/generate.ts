import { writeFile } from 'node:fs/promises'
import { generatedFiles } from './generate/files.js'

/** Writes what is generated from the code. With `--check`, it writes nothing and fails if a file is stale. */

const root = new URL('../', import.meta.url)
const stale = (await generatedFiles(root)).filter(({ current, generated }) => current !== generated)
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is stale: run npm run generate, and commit the result`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { path, generated } of stale) {
    await writeFile(new URL(path, root), generated)
    console.log(`wrote ${path}`)
  }
}
