/**
 * Bundles src/ into dist/, split so that a verb loads only the SDKs that it uses, and gathers the licences of what went in.
 */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { leanPackages } from './lean-packages.js'
import { bundledPackages, notices } from './notices.js'
import { startUpChunk } from './start-up-chunk.js'

const entryPoint = 'src/main.ts'
await rm('dist', { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: [entryPoint],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  // The file names of chunks are not an interface, but a stack trace should say which one it came from.
  chunkNames: '[name]-[hash]',
  mainFields: ['module', 'main'],
  // Some of the SDKs are CommonJS and `require` what is built into Node.
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  plugins: [startUpChunk(entryPoint), ...leanPackages],
  logLevel: 'warning'
})
await writeFile('dist/NOTICES.txt', await notices(bundledPackages(metafile), path => readFile(path, 'utf8')))
await copyFile('src/workloads/schema.json', 'dist/workloads.schema.json')
