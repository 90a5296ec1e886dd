#!/usr/bin/env node
// CommonJS, by bin/package.json: what is answered here is answered before Node has made its loader of ES modules.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Error: azwi needs Node 20.19 or later; this is ${process.versions.node}\nHint: see https://nodejs.org/en/download\n`
  )
  process.exit(1)
}
const words = process.argv.slice(2)
if (!answered(words)) {
  require('node:module').enableCompileCache?.()
  const tool = words[0] === 'jwks' ? Promise.resolve(require('../dist/jwks.cjs')) : import('../dist/main.js')
  tool
    .then(({ processHost, run }) => run(words, processHost()))
    .then(status => {
      process.exitCode = status
    })
}

/** A few answers never change: they are written down when the package is built, since shell loops ask for them. A terminal has a width to fit them to. */
function answered([word, ...more]) {
  if (more.length > 0 || !/^(version|help|--help|-h)$/.test(word)) return false
  const { readFileSync, writeSync } = require('node:fs')
  if (word !== 'version' && require('node:tty').isatty(1)) return false
  try {
    writeSync(1, JSON.parse(readFileSync(`${__dirname}/../dist/answers.json`, 'utf8'))[word])
    return true
  } catch {
    // A pipe that is full or closed: the tool itself knows what to do.
    return false
  }
}
