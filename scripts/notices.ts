import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** Returns the folders of the packages whose code is in the bundle, as `node_modules/@scope/name`. */
export function bundledPackages(...metafiles: readonly Metafile[]): string[] {
  const folders = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .filter(input => !input.includes(':'))
    .flatMap(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

/**
 * Returns name, version and licence text of each package, which their licences require of a copy. Throws if a package
 * states no licence.
 */
export async function notices(folders: readonly string[], read: (path: string) => Promise<string>): Promise<string> {
  const entries = await Promise.all(
    folders.map(async folder => {
      const { name, version, license } = JSON.parse(await read(join(folder, 'package.json'))) as {
        name: string
        version: string
        license?: string
      }
      const file = existsSync(folder) ? readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry)) : undefined
      if (license === undefined && file === undefined) throw new Error(`${folder} states no licence`)
      return `${name} ${version} (${license ?? 'see below'})\n\n${file === undefined ? '' : (await read(join(folder, file))).trim()}\n`
    })
  )
  return entries.join(`\n${'-'.repeat(80)}\n\n`)
}
