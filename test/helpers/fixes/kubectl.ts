import { askCluster, type Question } from '../../../sandbox/test/client.js'
import type { Form, Ground } from './form.js'

/** The API paths of kinds, by their names in kubectl. */
const collections: Readonly<Record<string, readonly [string, string]>> = {
  namespace: ['/api/v1', 'namespaces'],
  pod: ['/api/v1', 'pods'],
  serviceaccount: ['/api/v1', 'serviceaccounts'],
  deployment: ['/apis/apps/v1', 'deployments'],
  statefulset: ['/apis/apps/v1', 'statefulsets'],
  daemonset: ['/apis/apps/v1', 'daemonsets'],
  job: ['/apis/batch/v1', 'jobs'],
  cronjob: ['/apis/batch/v1', 'cronjobs'],
  mutatingwebhookconfiguration: ['/apis/admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations']
}

function collectionOf(kind = '', namespace?: string): string {
  const found = collections[kind]
  if (found === undefined) throw new Error(`kubectl has no kind ${kind} here`)
  return `${found[0]}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${found[1]}`
}

const pathOf = (kind?: string, name = '', namespace?: string): string => `${collectionOf(kind, namespace)}/${name}`

async function ask({ sandbox }: Ground, path: string, question: Question = {}): Promise<string> {
  const { status, text } = await askCluster(sandbox, path, question)
  if (status < 300) return text
  throw new Error(`${question.method ?? 'GET'} ${path}: ${status} ${text}`)
}

const strategic = 'strategic-merge-patch'
const patchTypes: Readonly<Record<string, string>> = { merge: 'merge-patch', strategic }

const patch = (
  ground: Ground,
  path: string,
  manager: string,
  body: object | string,
  type = 'merge-patch'
): Promise<string> =>
  ask(ground, manager === '' ? path : `${path}?fieldManager=${manager}`, {
    method: 'PATCH',
    body,
    headers: { 'content-type': `application/${type}+json` }
  })

/** `key=value` sets, `key-` removes. */
function changes(words: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    words.map(word => {
      const at = word.indexOf('=')
      if (at < 0 && !word.endsWith('-')) throw new Error(`${word} is neither key=value nor key-`)
      return at < 0 ? [word.slice(0, -1), null] : [word.slice(0, at), word.slice(at + 1)]
    })
  )
}

/** Does what `kubectl rollout restart` does: it changes the template by writing the time into it. */
async function restart(ground: Ground, path: string): Promise<string> {
  const { spec } = JSON.parse(await ask(ground, path)) as { spec: { paused?: boolean } }
  if (spec.paused === true) throw new Error(`${path}: can't restart paused deployment (run rollout resume first)`)
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString().replace(/\.\d+Z/, 'Z') }
  return patch(ground, path, 'kubectl-rollout', { spec: { template: { metadata: { annotations } } } }, strategic)
}

/** The requests of kubectl 1.32 (from `-v=8`), without a first GET that has no effect. */
export const kubectlForms: readonly Form[] = [
  {
    pattern: 'kubectl annotate serviceaccount {name} --namespace {namespace} --overwrite {…}',
    run: ({ name, namespace }, ground, rest) =>
      patch(ground, pathOf('serviceaccount', name, namespace), 'kubectl-annotate', {
        metadata: { annotations: changes(rest) }
      })
  },
  {
    pattern: 'kubectl label namespace {name} --overwrite {…}',
    run: ({ name }, ground, rest) =>
      patch(ground, pathOf('namespace', name), 'kubectl-label', { metadata: { labels: changes(rest) } })
  },
  {
    pattern: 'kubectl label namespace {name} {…}',
    run: ({ name }, ground, rest) =>
      patch(ground, pathOf('namespace', name), 'kubectl-label', { metadata: { labels: changes(rest) } })
  },
  ...['merge', 'strategic'].flatMap((type): Form[] => [
    {
      pattern: `kubectl patch {kind} {name} --namespace {namespace} --type ${type} --patch {body}`,
      run: ({ kind, name, namespace, body = '' }, ground) =>
        patch(ground, pathOf(kind, name, namespace), 'kubectl-patch', body, patchTypes[type])
    },
    {
      pattern: `kubectl patch {kind} {name} --type ${type} --patch {body}`,
      run: ({ kind, name, body = '' }, ground) =>
        patch(ground, pathOf(kind, name), 'kubectl-patch', body, patchTypes[type])
    }
  ]),
  {
    pattern: 'kubectl rollout restart {kind}/{name} --namespace {namespace}',
    run: ({ kind, name, namespace }, ground) => restart(ground, pathOf(kind, name, namespace))
  },
  {
    pattern: 'kubectl rollout resume {kind}/{name} --namespace {namespace}',
    run: ({ kind, name, namespace }, ground) =>
      patch(ground, pathOf(kind, name, namespace), 'kubectl-rollout', { spec: { paused: null } }, strategic)
  },
  {
    pattern: 'kubectl scale {kind}/{name} --namespace {namespace} --replicas {replicas}',
    run: ({ kind, name, namespace, replicas }, ground) =>
      patch(ground, `${pathOf(kind, name, namespace)}/scale`, '', { spec: { replicas: Number(replicas) } })
  },
  {
    pattern: 'kubectl delete pod {name} --namespace {namespace}',
    run: ({ name, namespace }, ground) =>
      ask(ground, pathOf('pod', name, namespace), { method: 'DELETE', body: { propagationPolicy: 'Background' } })
  },
  {
    pattern: 'kubectl set serviceaccount {kind} {name} {account} --namespace {namespace}',
    run: ({ kind, name, account, namespace }, ground) => {
      const body = { spec: { template: { spec: { serviceAccountName: account } } } }
      return patch(ground, pathOf(kind, name, namespace), 'kubectl-set', body, strategic)
    }
  },
  {
    pattern: 'kubectl create serviceaccount {name} --namespace {namespace}',
    run: ({ name, namespace }, ground) => {
      const body = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name, namespace } }
      return ask(
        ground,
        `${collectionOf('serviceaccount', namespace)}?fieldManager=kubectl-create&fieldValidation=Strict`,
        { method: 'POST', body }
      )
    }
  },
  { pattern: 'kubectl get --raw {path}', run: ({ path = '' }, ground) => ask(ground, path) }
]
