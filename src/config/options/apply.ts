import * as parse from '../parse.js'
import type { Option } from './option.js'

/** Which workloads `apply` reads, and what it does with those that are no longer in the files. */
export const applyOptions = {
  filename: {
    value: '<path>',
    short: '-f',
    description: 'File or folder to read, or `-` for stdin; can be repeated',
    repeatable: true,
    parse: parse.path,
    verbs: ['apply']
  },
  include: {
    value: '<glob>',
    description: 'Only the workloads whose `namespace/name` matches, such as `payments-*/*`; can be repeated',
    repeatable: true,
    parse: parse.glob,
    verbs: ['apply']
  },
  exclude: {
    value: '<glob>',
    description: 'Not the workloads whose `namespace/name` matches; can be repeated',
    repeatable: true,
    parse: parse.glob,
    verbs: ['apply']
  },
  prune: {
    description: 'Delete what an earlier apply of the same set created and the files no longer contain',
    parse: parse.yes,
    verbs: ['apply']
  },
  substitute: {
    description: 'Replace `${NAME}` in the files with environment variables; an unset variable is an error',
    parse: parse.yes,
    verbs: ['apply']
  }
} as const satisfies Record<string, Option>
