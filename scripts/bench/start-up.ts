import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { azwiFile, runNode } from './child.js'
import type { Row } from './row.js'
import { interleaved, median } from './statistics.js'

const rounds = 15
const manyKeys = 1000

/** Measures what needs no cloud: start-up, and key sets. */
export async function startUpRows(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'azwi-bench-'))
  try {
    const files = await writeKeys(directory)
    const azwi =
      (...words: readonly string[]) =>
      () =>
        runNode([azwiFile, ...words])
    const found = await interleaved(rounds, {
      node: () => runNode(['-e', '0']),
      version: azwi('version'),
      help: azwi('--help'),
      oneKey: azwi('jwks', '--public-keys', files[0]!),
      keys: azwi('jwks', '--public-keys', files.join(','))
    })
    const [node, version, help, oneKey, keys] = [found.node, found.version, found.help, found.oneKey, found.keys].map(
      median
    ) as [number, number, number, number, number]
    const against = (wall: number, base: number): string =>
      `${wall.toFixed(0)} ms / ${base.toFixed(0)} ms, median of ${rounds}`
    return [
      { what: '`azwi version` against `node -e 0`', goal: 1.35, measured: version / node, how: against(version, node) },
      { what: '`azwi --help` against `node -e 0`', goal: 1.35, measured: help / node, how: against(help, node) },
      {
        what: '`azwi jwks` of one key against `node -e 0`',
        goal: 1.6,
        measured: oneKey / node,
        how: against(oneKey, node)
      },
      { what: `\`jwks\` of ${manyKeys} keys against 1`, goal: 4, measured: keys / oneKey, how: against(keys, oneKey) }
    ]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * Writes a thousand public keys to files, and returns their paths. To generate them all would take minutes, so all but
 * the first have its form and a random modulus: nothing here signs with them.
 */
async function writeKeys(directory: string): Promise<string[]> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const original = publicKey.export({ type: 'spki', format: 'der' })
  return Promise.all(
    Array.from({ length: manyKeys }, async (_, index) => {
      const der = Buffer.from(original)
      // The 256 bytes of the modulus end before the five of the exponent. Its first and last bytes stay, so that it
      // keeps its length and is odd.
      if (index > 0) randomBytes(240).copy(der, der.length - 5 - 250)
      const file = join(directory, `${index}.pub`)
      await writeFile(
        file,
        `-----BEGIN PUBLIC KEY-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`
      )
      return file
    })
  )
}
