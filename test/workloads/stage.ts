import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Host } from '../../src/main.js'
import { azwi, type Environment, type Outcome } from '../helpers/azwi.js'
import { type FaultySandbox, useFaultySandbox } from '../helpers/faulty-sandbox.js'

export interface ApplyStage {
  readonly test: FaultySandbox
  /** Writes a file to the test's folder. Resolves to its path. */
  readonly write: (name: string, text: string) => Promise<string>
  /** Writes the text to workloads.yaml, and applies it. */
  readonly apply: (text: string, ...flags: readonly string[]) => Promise<Outcome>
  readonly run: (
    words: readonly string[],
    stdin?: string,
    environment?: Environment,
    overrides?: Partial<Host>
  ) => Promise<Outcome>
}

/** Starts a sandbox for the tests of a file, with helpers to apply workload files to it. */
export function useApply(): ApplyStage {
  const test = useFaultySandbox()
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(test.directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    return path
  }
  const run: ApplyStage['run'] = (words, stdin = '', environment = {}, overrides = {}) =>
    azwi({ ...test.environment, ...environment }, ['sa', 'apply', ...words], stdin, overrides)
  return {
    test,
    write,
    run,
    apply: async (text, ...flags) => run(['-f', await write('workloads.yaml', text), ...flags])
  }
}

/** Returns the result of each workload by name. */
export function resultsOf({ stdout }: Outcome): Record<string, string> {
  const { workloads } = JSON.parse(stdout) as { workloads: { name: string; result: string }[] }
  return Object.fromEntries(workloads.map(({ name, result }) => [name, result]))
}

export const many = (count: number, item: (index: number) => string = index => `- name: app-${index}`): string =>
  `workloads:\n${Array.from({ length: count }, (_, index) => item(index)).join('\n')}\n`
