import type { Command } from 'commander'
import { namespace as namespaceOf, objectName, serviceAccountName } from '../../config/parse.js'
import type { Target } from '../../doctor/evidence/target.js'
import { shellQuoted, UsageError } from '../../errors.js'

const workloads = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'] as const
const kinds = ['pod', ...workloads] as const

/** What the command line says of whom the doctor is to look at. */
export interface TargetFlags extends Readonly<Partial<Record<(typeof kinds)[number], string>>> {
  readonly namespace?: string
  readonly allNamespaces?: boolean
}

/** Declares the argument and the flags that `targetOf` reads. */
export function addTargetFlags(command: Command): Command {
  command
    .argument('[name]', 'service account to look at (default: all that are annotated in the namespace)')
    .option('-n, --namespace <namespace>', 'its namespace (default: default)')
    .option('-A, --all-namespaces', 'look at every annotated service account of the cluster')
    .option('--pod <name>', 'look at this pod, and its service account')
  for (const kind of workloads)
    command.option(`--${kind} <name>`, `look at this ${kind}, its pods and their service account`)
  return command
}

/** Whom the doctor is to look at. Throws a UsageError where that is nobody who could be, or two at once. */
export function targetOf(name: string | undefined, flags: TargetFlags): Target {
  const given = kinds.flatMap(kind =>
    flags[kind] === undefined ? [] : [{ kind, name: objectName(flags[kind], `--${kind}`) }]
  )
  const account = name === undefined ? undefined : serviceAccountName(name, '<name>')
  const namespace = namespaceOf(flags.namespace ?? 'default', '--namespace')
  const [first, second] = [
    ...(account === undefined ? [] : [account]),
    ...given.map(each => `--${each.kind} ${each.name}`)
  ]
  if (flags.allNamespaces === true) {
    const other = first ?? (flags.namespace === undefined ? undefined : `--namespace ${namespace}`)
    if (other !== undefined)
      throw new UsageError(
        `--all-namespaces asks about the whole cluster, and ${other} about a part of it`,
        `azwi doctor ${inNamespace(first, flags.namespace)}`
      )
    return { kind: 'cluster' }
  }
  if (second !== undefined)
    throw new UsageError(
      `${first ?? ''} and ${second} are two things to look at`,
      `azwi doctor ${inNamespace(second, flags.namespace)}`
    )
  if (account !== undefined) return { kind: 'service-account', namespace, name: account }
  const [one] = given
  if (one === undefined) return { kind: 'namespace', namespace }
  return one.kind === 'pod'
    ? { kind: 'pod', namespace, name: one.name }
    : { kind: 'workload', workload: one.kind, namespace, name: one.name }
}

function inNamespace(what: string | undefined, namespace: string | undefined): string {
  return [
    ...(what === undefined ? [] : [what]),
    ...(namespace === undefined ? [] : [`--namespace ${shellQuoted(namespace)}`])
  ].join(' ')
}
