import type { Command } from 'commander'
import { allOutputFormats, type OutputFormat } from '../terminal/format.js'
import type { Io } from '../terminal/io.js'
import { versionCommand } from './version.js'

/**
 * Creates the command. `words` are the words of the command line after its name. The command can leave out the subcommands that they do not
 * call. If `words` is undefined, it has all subcommands. `loadProgram` creates the root with every command in full.
 */
type CreateCommand = (io: Io, words: readonly string[] | undefined, loadProgram: () => Promise<Command>) => Command

/** A command below the root. */
export interface CommandEntry {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  /** The values of its `-o`, if it has more than the formats of every command. */
  readonly formats?: readonly OutputFormat[]
  /** Loads its module, and with it the SDKs that it uses. */
  readonly load: () => Promise<CreateCommand>
}

/** The table of commands, in the order of the help. A new command is one file and one row. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serviceaccount',
    alias: 'sa',
    summary: 'Connect Kubernetes service accounts to Azure identities, or take the connection away',
    load: async () => (await import('./serviceaccount/index.js')).serviceAccountCommand
  },
  {
    name: 'doctor',
    summary: 'Find out why a workload gets no token, and what fixes it',
    formats: allOutputFormats,
    load: async () => (await import('./doctor/index.js')).doctorCommand
  },
  {
    name: 'jwks',
    summary: 'Make the JSON Web Key Set of a cluster from its public keys',
    load: async () => (await import('./jwks.js')).jwksCommand
  },
  {
    name: 'sandbox',
    summary: 'Run a local cloud (Entra, Graph, ARM, Kubernetes) to try things in',
    load: async () => (await import('./sandbox/index.js')).sandboxCommand
  },
  {
    name: 'completion',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('./completion.js')).completionCommand
  },
  { name: 'version', summary: 'Print the version', load: () => Promise.resolve(versionCommand) }
]
