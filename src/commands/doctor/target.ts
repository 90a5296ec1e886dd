import type { Command } from 'commander'
import { namespace as parseNamespace, objectName, serviceAccountName } from '../../config/parse.js'
import type { Target } from '../../doctor/evidence/target.js'
import { workloadKinds } from '../../doctor/evidence/workload.js'
import { shellQuoted, UsageError } from '../../errors.js'

const kinds = ['pod', ...workloadKinds] as const

/** The flags that select what the doctor examines. */
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
  for (const kind of workloadKinds)
    command.option(`--${kind} <name>`, `look at this ${kind}, its pods and their service account`)
  return command
}

/**
 * Returns the part of the cluster that the flags select.
 *
 * @throws UsageError for a name that Kubernetes does not allow, and for two targets at once
 */
export function targetOf(name: string | undefined, flags: TargetFlags): Target {
  const given = kinds.flatMap(kind =>
    flags[kind] === undefined ? [] : [{ kind, name: objectName(flags[kind], `--${kind}`) }]
  )
  const account = name === undefined ? undefined : serviceAccountName(name, '<name>')
  const namespace = parseNamespace(flags.namespace ?? 'default', '--namespace')
  const [first, second] = [
    ...(account === undefined ? [] : [account]),
    ...given.map(object => `--${object.kind} ${object.name}`)
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
  const [object] = given
  if (object === undefined) return { kind: 'namespace', namespace }
  return object.kind === 'pod'
    ? { kind: 'pod', namespace, name: object.name }
    : { kind: 'workload', workload: object.kind, namespace, name: object.name }
}

function inNamespace(target: string | undefined, namespace: string | undefined): string {
  return [
    ...(target === undefined ? [] : [target]),
    ...(namespace === undefined ? [] : [`--namespace ${shellQuoted(namespace)}`])
  ].join(' ')
}
