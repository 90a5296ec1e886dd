import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const project = fileURLToPath(new URL('..', import.meta.url))
const folders = ['.', 'docs', 'docs/development', 'sandbox', 'examples']
const documents = folders
  .filter(folder => existsSync(join(project, folder)))
  .flatMap(folder => readdirSync(join(project, folder)).map(name => join(folder, name)))
  .filter(name => name.endsWith('.md'))

describe('the documents', () => {
  it.each(documents)('%s links only to files and headings that exist', name => {
    const text = readFileSync(join(project, name), 'utf8')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter(link => !/^[a-z]+:/.test(link))
    expect(links.filter(link => !targetExists(name, link))).toEqual([])
  })

  it('are found', () => {
    expect(documents).toContain('README.md')
    expect(documents).toContain('docs/development/life-of-a-command.md')
  })
})

function targetExists(from: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const target = path === '' ? join(project, from) : join(project, dirname(from), path)
  if (!existsSync(target)) return false
  return heading === undefined || headingsOf(readFileSync(target, 'utf8')).includes(heading)
}

/** The anchors of the headings, as GitHub derives them. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
  )
}
