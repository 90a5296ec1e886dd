import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecording, readTable, type RecordedTable, shapeDifferences } from './recorded-table.js'

const folder = join(import.meta.dirname, 'recorded')
const files = readdirSync(folder)
const tables = files.map(file => file.replace('.json', '')).filter(name => name !== 'built-in-roles')

describe('the tables of recorded exchanges', () => {
  it('contain no IDs but those of built-in roles', () => {
    const roles = new Set(Object.values(readTable('built-in-roles') as Readonly<Record<string, string>>))
    for (const name of tables) {
      const ids = readFileSync(join(folder, `${name}.json`), 'utf8').match(
        /\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})\b/gi
      )
      expect(
        (ids ?? []).filter(id => !roles.has(id)),
        name
      ).toEqual([])
    }
  })

  it('contain no token, secret, certificate or e-mail address', () => {
    for (const file of files) {
      const text = readFileSync(join(folder, file), 'utf8')
      const patterns = [
        /eyJ[\w-]{10}/,
        /-----BEGIN/,
        /[\w.]+@[\w-]+\.[a-z]+"/,
        /\b(?=[A-Za-z]*\d)[A-Za-z0-9+]{40}/,
        /"(?:secretText|client_secret|access_token|key)": "(?!string")/
      ]
      for (const pattern of patterns) expect(pattern.exec(text), file).toBeNull()
    }
  })

  it('use each of their shapes and placeholders', () => {
    for (const name of tables) {
      const { shapes, recordings } = readTable(name) as RecordedTable
      const text = JSON.stringify(recordings)
      expect(Object.keys(shapes).filter(shape => !text.includes(`"...":"${shape}"`))).toEqual([])
      for (const [recordingName, recording] of Object.entries(recordings)) {
        const expanded = JSON.stringify(readRecording(name, recordingName).exchanges)
        for (const placeholder of recording.ids) {
          const id = readRecording(name, recordingName).id(placeholder)
          expect(expanded.includes(id) || expanded.includes(id.replaceAll('-', '')), `${name}: ${placeholder}`).toBe(
            true
          )
        }
      }
    }
  })
})

describe('shapeDifferences', () => {
  const recorded = {
    id: 'string',
    count: 'number',
    on: 'boolean',
    tags: ['string'],
    none: [],
    owner: { id: 'string' },
    note: null
  }
  const ours = { id: 'a', count: 1, on: true, tags: ['x', 'y'], none: [], owner: { id: 'b' }, note: 'any' }

  it('finds none in a value of the shape', () => {
    expect(shapeDifferences(recorded, ours)).toEqual([])
  })

  it.each([
    ['a missing key', { ...ours, owner: {} }, ['$.owner.id is missing']],
    ['an unexpected key', { ...ours, more: 1 }, ['$.more is unexpected']],
    ['another type', { ...ours, count: '1' }, ['$.count: number recorded, string here']],
    ['another type in a list', { ...ours, tags: [1] }, ['$.tags[0]: string recorded, number here']],
    ['an object in place of a list', { ...ours, none: {} }, ['$.none: array recorded, object here']],
    ['an empty list', { ...ours, tags: [] }, ['$.tags: the list is not empty in the recording only']],
    ['a list that is not empty', { ...ours, none: [1] }, ['$.none: the list is empty in the recording only']],
    ['no body', undefined, ['$: missing body']]
  ])('finds %s', (_difference, value, expected) => {
    expect(shapeDifferences(recorded, value)).toEqual(expected)
  })

  it('finds another order of keys, unless the order does not matter', () => {
    const reversed = Object.fromEntries(Object.entries(ours).reverse())
    expect(shapeDifferences(recorded, reversed)).toEqual([
      '$: the order is note,owner,none,tags,on,count,id and was recorded as id,count,on,tags,none,owner,note'
    ])
    expect(shapeDifferences(recorded, reversed, { ordered: false })).toEqual([])
  })

  it('accepts properties that are newer than the recording', () => {
    expect(shapeDifferences(recorded, { ...ours, more: 1 }, { newer: ['more'] })).toEqual([])
  })
})
