#!/usr/bin/env node
// CommonJS (see bin/package.json): the answers given here do not wait for Node's loader of ES modules.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Error: azwi needs Node 20.19 or later; this is ${process.versions.node}\nHint: see https://nodejs.org/en/download\n`
  )
  process.exit(1)
}
const words = process.argv.slice(2)
if (!printsWrittenAnswer(words)) {
  loadTool(words[0])
    .then(({ processHost, run }) => run(words, processHost()))
    .then(status => {
      process.exitCode = status
    })
}

/**
 * Prints the answer that the build wrote down for this command line. Returns false if there is none. Help on a terminal
 * depends on its width.
 */
function printsWrittenAnswer([word, ...more]) {
  if (more.length > 0 || !/^(version|help|--help|-h)$/.test(word)) return false
  const { readFileSync, writeSync } = require('node:fs')
  if (word !== 'version' && require('node:tty').isatty(1)) return false
  try {
    writeSync(1, JSON.parse(readFileSync(`${__dirname}/../dist/answers.json`, 'utf8'))[word])
    return true
  } catch {
    // A pipe that is full or closed. The tool itself handles that.
    return false
  }
}

/** Loads the bundle for a command. `jwks` has a small one of its own, which gains nothing from a compile cache. */
function loadTool(command) {
  if (command === 'jwks') return Promise.resolve(require('../dist/jwks.cjs'))
  require('./compile-cache.js').enableCompileCache()
  return import('../dist/main.js')
}
