import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const project = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(project, path), 'utf8')

interface Manifest {
  readonly engines: { readonly node: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
const manifest = JSON.parse(read('package.json')) as Manifest

interface RenovateRule {
  readonly matchPackageNames: readonly string[]
  readonly allowedVersions?: string
  readonly rangeStrategy?: string
}

/** The rows of ARCHITECTURE.md, "Pinned packages": package, version range, reason. */
function pinnedPackages(): { name: string; range: string; reason: string }[] {
  const section = read('ARCHITECTURE.md').split('## Pinned packages')[1] ?? ''
  return [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, name = '', range = '', reason = '']) => ({
      name,
      range,
      reason
    })
  )
}

const versionNumber = (version: string): number => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  return (major * 1000 + minor) * 1000 + patch
}

describe('the pinned packages', () => {
  const pins = pinnedPackages()
  const rules = (JSON.parse(read('renovate.json')) as { packageRules: RenovateRule[] }).packageRules

  it('have the version that package.json has', () => {
    expect(Object.fromEntries(pins.map(({ name, range }) => [name, range]))).toEqual(
      Object.fromEntries(pins.map(({ name }) => [name, manifest.devDependencies[name]]))
    )
  })

  it('are all packages with another range than the latest of a major', () => {
    const names = Object.entries(manifest.devDependencies).filter(([, range]) => !range.startsWith('^'))
    expect(pins.map(({ name }) => name)).toEqual(expect.arrayContaining(names.map(([name]) => name)))
  })

  it('each have a rule for Renovate, and nothing else has one', () => {
    const limited = rules.flatMap(({ matchPackageNames: [name], allowedVersions }) =>
      allowedVersions === undefined ? [] : [name]
    )
    expect(limited.toSorted()).toEqual(pins.map(({ name }) => name).toSorted())
  })

  it.each(pins)('$name: the rule allows the version in use, and keeps it exact if it is', ({ name, range }) => {
    const rule = rules.find(
      ({ matchPackageNames, allowedVersions }) => allowedVersions && matchPackageNames[0] === name
    )
    const limit = /^<(\d+\.\d+\.\d+)$/.exec(rule?.allowedVersions ?? '')?.[1] ?? ''
    expect(versionNumber(range.replace(/^[~^]/, ''))).toBeLessThan(versionNumber(limit))
    expect(rule?.rangeStrategy).toBe(/^\d/.test(range) ? 'pin' : undefined)
  })
})

describe('the package', () => {
  it('has no dependencies, because all of them are bundled', () => {
    expect(manifest.dependencies).toBeUndefined()
  })
})

describe('CI', () => {
  const workflow = parse(read('.github/workflows/ci.yml')) as {
    permissions: unknown
    jobs: { checks: { strategy: { matrix: { os: string[]; node: number[] } }; steps: { run?: string }[] } }
  }

  it('runs .ci/run on three operating systems and all supported versions of Node', () => {
    const { strategy, steps } = workflow.jobs.checks
    expect(strategy.matrix).toEqual({ os: ['ubuntu-latest', 'macos-latest', 'windows-latest'], node: [20, 22, 24] })
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['bash .ci/run'])
    expect(manifest.engines.node).toBe(`>=${strategy.matrix.node[0] ?? ''}.19`)
  })

  it('may only read the repository', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' })
  })
})

describe('the issue templates', () => {
  it.each(readdirSync(join(project, '.github/ISSUE_TEMPLATE')).filter(name => name !== 'config.yml'))(
    '%s has what GitHub requires: a name, a description, a body with unique IDs',
    file => {
      const { name, description, body } = parse(read(`.github/ISSUE_TEMPLATE/${file}`)) as {
        name: string
        description: string
        body: { type: string; id?: string; attributes: { label?: string; value?: string } }[]
      }
      expect(name).not.toBe('')
      expect(description).not.toBe('')
      for (const { type, attributes } of body)
        expect(type === 'markdown' ? attributes.value : attributes.label).toBeTypeOf('string')
      const ids = body.flatMap(({ id }) => id ?? [])
      expect(new Set(ids).size).toBe(ids.length)
    }
  )
})
