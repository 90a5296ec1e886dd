#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Error: azwi needs Node 20.19 or later; this is ${process.versions.node}\nHint: see https://nodejs.org/en/download\n`)
  process.exit(1)
}
process.getBuiltinModule('node:module').enableCompileCache?.()
const { processHost, run } = await import('../dist/main.js')
process.exitCode = await run(process.argv.slice(2), processHost())
