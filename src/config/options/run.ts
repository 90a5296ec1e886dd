import * as parse from '../parse.js'
import { everyVerb, type Option } from './option.js'

/** How a command runs: time-out, concurrency, dry run. */
export const runOptions = {
  timeout: {
    value: '<duration>',
    description: 'Time limit for the whole command, waits included',
    default: '5m',
    parse: parse.timeout,
    verbs: everyVerb,
    // Azure takes about half a second for a write, and a file can hold thousands of workloads.
    overrides: { apply: { default: '1h' } }
  },
  concurrency: {
    value: '<n>',
    description: 'Number of requests in flight at once, 1 to 100; azwi lowers it when a service throttles',
    default: '8',
    parse: parse.concurrency,
    verbs: ['apply']
  },
  skipPhases: {
    value: '<names>',
    description: 'Phases not to run, separated by commas; can be repeated',
    repeatable: true,
    parse: parse.words,
    verbs: ['create', 'delete']
  },
  dryRun: {
    description: 'Show each change, field by field, without making it',
    parse: parse.yes,
    verbs: ['create', 'delete', 'apply']
  },
  detailedExitcode: {
    description: 'With `--dry-run`: exit with 2 if anything would change',
    onlyWith: 'dryRun',
    parse: parse.yes,
    verbs: ['create', 'delete', 'apply']
  },
  wait: {
    description: "Wait until Entra accepts the service account's own token three times in a row",
    parse: parse.yes,
    verbs: ['create']
  },
  yes: {
    description: 'Delete without asking for confirmation',
    parse: parse.yes,
    verbs: ['delete', 'apply'],
    overrides: { apply: { description: 'With `--prune`: delete without asking for confirmation' } }
  },
  adopt: {
    description: 'Use an identity or a service account that others made; it stays theirs, so delete keeps it',
    parse: parse.yes,
    verbs: ['create', 'apply']
  },
  allowOtherIssuer: {
    description: 'Go on although the issuer given is not the one that the cluster publishes',
    parse: parse.yes,
    verbs: ['create', 'delete', 'apply']
  },
  force: {
    description: 'Delete even if people have added something to what is deleted, such as client secrets or roles',
    parse: parse.yes,
    verbs: ['delete', 'apply']
  }
} as const satisfies Record<string, Option>
