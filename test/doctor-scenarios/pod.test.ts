import { describe } from 'vitest'
import type { CheckName } from '../../src/doctor/finding.js'
import { annotation } from '../../src/domain/annotations.js'
import { account, createObject, namespace, template, useLabel, without } from './healthy.js'
import { testScenarios } from './test-scenarios.js'
import type { Scenario } from './scenario.js'

const deployment = `deployment/${account}`

/** A scenario with a patch of the pod template. */
const templated = (
  name: string,
  change: object,
  symptoms: readonly string[],
  check: CheckName,
  more: Partial<Scenario> = {}
): Scenario => ({
  name,
  symptoms,
  firstFinding: { check, of: deployment },
  break: ({ patchDeployment }) => patchDeployment({ spec: { template: change } }),
  ...more
})
const labelled = (value: string | null) => ({ metadata: { labels: { [useLabel]: value } } })
const withVariable = (name: string, value: string) => ({
  spec: { containers: template.spec.containers.map(container => ({ ...container, env: [{ name, value }] })) }
})
const skipping = (containers: string) => ({
  metadata: { annotations: { 'azure.workload.identity/skip-containers': containers } }
})
const otherGuid = '11111111-2222-3333-4444-555555555555'

/** The same template without the label. */
const unlabelled = { ...template, metadata: { labels: { app: account } } }
const unlabelledWorkload = (kind: 'StatefulSet' | 'DaemonSet', collection: string): Scenario => ({
  name: `a ${kind} without the label`,
  symptoms: ['no variables'],
  firstFinding: { check: 'pod-label', of: `${kind.toLowerCase()}/worker` },
  break: setup =>
    createObject(setup, collection, {
      metadata: { name: 'worker' },
      spec: { selector: { matchLabels: { app: account } }, template: unlabelled }
    })
})

describe('pods without a working token', () => {
  testScenarios(
    [
      templated('the label is missing', labelled(null), ['no variables'], 'pod-label'),
      templated('the label has the value True', labelled('True'), ['no variables'], 'pod-label'),
      templated(
        'the label is an annotation',
        { metadata: { labels: { [useLabel]: null }, annotations: { [useLabel]: 'true' } } },
        ['no variables'],
        'pod-label'
      ),
      {
        ...templated('the label is on the deployment only', {}, ['no variables'], 'pod-label'),
        break: ({ patchDeployment }) =>
          patchDeployment({ metadata: { labels: { [useLabel]: 'true' } }, spec: { template: labelled(null) } })
      },
      {
        ...templated('the label is on the service account only', {}, ['no variables'], 'pod-label'),
        break: async ({ account: { metadata }, patchDeployment }) => {
          metadata.labels = { [useLabel]: 'true' }
          await patchDeployment({ spec: { template: labelled(null) } })
        }
      },
      unlabelledWorkload('StatefulSet', 'statefulsets'),
      unlabelledWorkload('DaemonSet', 'daemonsets'),
      {
        name: 'a CronJob without the label',
        symptoms: [],
        firstFinding: { check: 'pod-label', of: 'cronjob/nightly' },
        break: setup =>
          createObject(setup, `/apis/batch/v1/namespaces/${namespace}/cronjobs`, {
            metadata: { name: 'nightly' },
            spec: {
              schedule: '0 3 * * *',
              jobTemplate: { spec: { template: { ...unlabelled, spec: { ...template.spec, restartPolicy: 'Never' } } } }
            }
          })
      },
      {
        name: 'a standalone pod without the label',
        symptoms: ['no variables'],
        firstFinding: { check: 'pod-label', of: 'pod/debug' },
        noFix: 'a pod is immutable, and nothing creates it again',
        break: setup =>
          createObject(setup, `/api/v1/namespaces/${namespace}/pods`, {
            metadata: { name: 'debug' },
            spec: template.spec
          })
      },
      {
        name: 'they are older than the annotation',
        symptoms: ['no AZURE_CLIENT_ID'],
        firstFinding: { check: 'pod-age', of: deployment },
        break: async ({ account: { metadata }, restartPods }) => {
          const { annotations = {} } = metadata
          metadata.annotations = without(annotations, annotation.clientId)
          await restartPods()
          metadata.annotations = annotations
        }
      },
      {
        name: 'they are older than the label, and their rollout is paused',
        symptoms: ['no variables'],
        firstFinding: { check: 'pod-age', of: deployment },
        break: async ({ patchDeployment }) => {
          await patchDeployment({ spec: { template: labelled(null) } })
          await patchDeployment({ spec: { paused: true } })
          await patchDeployment({
            spec: { template: { metadata: { ...labelled('true').metadata, annotations: { release: '2' } } } }
          })
        }
      },
      {
        name: 'they are older than the label, and their update strategy is OnDelete',
        symptoms: ['no new pod', 'no variables'],
        firstFinding: { check: 'pod-age', of: 'statefulset/worker' },
        break: async setup => {
          const spec = {
            replicas: 2,
            updateStrategy: { type: 'OnDelete' },
            selector: { matchLabels: { app: account } }
          }
          await createObject(setup, 'statefulsets', {
            metadata: { name: 'worker' },
            spec: { ...spec, template: unlabelled }
          })
          await setup.runLine(
            `kubectl patch statefulset worker --namespace ${namespace} --type merge --patch '${JSON.stringify({ spec: { template: labelled('true') } })}'`
          )
        }
      },
      {
        name: 'they are older than the client ID',
        symptoms: [],
        firstFinding: { check: 'pod-age', of: deployment },
        kind: 'application',
        break: async ({ run }) => {
          const { status, stderr } = await run(
            'serviceaccount',
            'create',
            '--service-account-namespace',
            namespace,
            '--service-account-name',
            account,
            '--aad-application-name',
            'another',
            '--grant',
            'Reader=rg:azwi-sandbox'
          )
          if (status !== 0) throw new Error(stderr)
        }
      },
      {
        name: 'they were created without the webhook',
        symptoms: ['no variables'],
        firstFinding: { check: 'pod-age', of: deployment },
        break: async ({ runLine, restartPods, state }) => {
          const { mutatingWebhookConfigurations: configurations } = state.cluster
          const before = [...configurations]
          configurations.clear()
          await restartPods()
          for (const [name, configuration] of before) configurations.set(name, configuration)
          await runLine(`kubectl label namespace ${namespace} --overwrite touched=yes`)
        }
      },
      templated('an annotation excludes one container', skipping('server'), ['no variables'], 'pod-containers', {
        firstFinding: { check: 'pod-containers', outcome: 'warn', of: deployment }
      }),
      templated('an annotation excludes every container', skipping('server;agent'), ['no variables'], 'pod-containers'),
      templated(
        'their template sets another client ID',
        withVariable('AZURE_CLIENT_ID', otherGuid),
        ['AADSTS700016'],
        'pod-environment'
      ),
      templated(
        'their template sets another tenant',
        withVariable('AZURE_TENANT_ID', otherGuid),
        ['AADSTS90002'],
        'pod-environment'
      ),
      templated(
        'their template sets another token file',
        withVariable('AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/tokens/azure'),
        ['no token file'],
        'pod-environment'
      ),
      templated(
        'their template sets another audience',
        {
          spec: {
            volumes: [
              {
                name: 'azure-identity-token',
                projected: { sources: [{ serviceAccountToken: { path: 'azure-identity-token', audience: 'vault' } }] }
              }
            ]
          }
        },
        ['AADSTS700212'],
        'pod-token-volume'
      ),
      {
        ...templated(
          'they use another service account',
          { spec: { serviceAccountName: 'default', serviceAccount: 'default' } },
          ['no AZURE_CLIENT_ID'],
          'pod-service-account'
        ),
        firstFinding: {
          check: 'pod-service-account',
          serviceAccount: `${namespace}/default`,
          of: deployment,
          found: 'default',
          expected: account
        },
        target: ['--namespace', namespace, '--deployment', account]
      }
    ],
    ['application']
  )
})
