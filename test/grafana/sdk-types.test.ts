import assert from 'node:assert/strict'
import test from 'node:test'
import type { CompilerOptions } from 'typescript'
import { allResources } from '../../grafana/apply/all-resources.ts'
import type { Rule } from '../../grafana/apply/alerting-file.ts'
import { forCluster } from '../../grafana/apply/for-cluster.ts'
import type { GrafanaApi } from '../../grafana/apply/grafana-api.ts'
import type { Json } from '../../grafana/apply/json.ts'
import { clusterKinds, readShippedFiles } from '../../grafana/apply/shipped-files.ts'
import { onlyInFull } from '../in-full.ts'
import { exampleVariables } from './example-variables.ts'

// What is applied is only built here, not sent.
const refuse = () => Promise.reject(new Error('nothing is asked of Grafana here'))
const nowhere: GrafanaApi = { ask: refuse, get: refuse, find: refuse, put: refuse, post: refuse, delete: refuse }

/** What is sent to the API, and the models of queries, each with its type in Grafana's SDK. */
async function typedValues(): Promise<{ type: string; value: Json }[]> {
  const cluster = { prefix: 'the-cluster', label: 'the-cluster' }
  const files = await Promise.all(clusterKinds.map(async (kind) => forCluster(await readShippedFiles(kind), cluster)))
  const sent = files.flatMap((file) => allResources(nowhere, file, exampleVariables))
  const typed = (prefix: string, type: string) =>
    sent.filter(({ name }) => name.startsWith(prefix)).map(({ desired }) => ({ type, value: desired() }))
  const models = files
    .flatMap(({ groups }) => groups)
    .flatMap((group) => group.rules)
    .flatMap(({ data }) => data)
    .flatMap(({ model }) => {
      const type = modelType(model)
      return type === undefined ? [] : [{ type, value: model }]
    })
  return [
    ...typed('rule group', 'alerting.RuleGroup'),
    ...typed('contact point', 'alerting.ContactPoint'),
    ...typed('dashboard', 'dashboard.Dashboard'),
    ...models,
  ]
}

/** The SDK has no types for PostgreSQL's queries. */
function modelType({ datasource, type }: Rule['data'][number]['model']): string | undefined {
  const expressions = new Map<Json | undefined, string>([
    ['math', 'TypeMath'],
    ['reduce', 'TypeReduce'],
    ['threshold', 'TypeThreshold'],
  ])
  if (datasource.type === '__expr__') return `expr.${expressions.get(type) ?? 'unknown'}`
  return {
    'grafana-azure-monitor-datasource': 'azuremonitor.MonitorQuery',
    prometheus: 'prometheus.Dataquery',
  }[datasource.type]
}

// Enums as the strings and numbers in JSON. A query in a rule or panel is any object, since its type is checked separately.
const header = `
import type * as alerting from '@grafana/grafana-foundation-sdk/alerting'
import type * as azuremonitor from '@grafana/grafana-foundation-sdk/azuremonitor'
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import type * as expr from '@grafana/grafana-foundation-sdk/expr'
import type * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
type Marker = '_implementsDataqueryVariant'
type Plain<T> = 0 extends 1 & T ? any
  : T extends string ? \`\${T}\`
  : T extends number ? number
  : T extends (infer Item)[] ? Plain<Item>[]
  : T extends object ? (Marker extends keyof T ? (keyof T extends Marker ? object : Fields<Omit<T, Marker>>) : Fields<T>)
  : T
type Fields<T> = { [Name in keyof T]: Plain<T[Name]> }
`

async function problems(source: string): Promise<string[]> {
  const { default: ts } = await import('typescript') // takes half a second, so only when a test runs
  const fileName = new URL('sdk-types-virtual.ts', import.meta.url).pathname
  const options: CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  }
  const host = ts.createCompilerHost(options)
  const readSource = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) =>
    name === fileName ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : readSource(name, ...rest)
  const program = ts.createProgram([fileName], options, host)
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const line = source.slice(source.lastIndexOf('\n', diagnostic.start ?? 0) + 1).slice(0, 80)
    return `${line}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
  })
}

const declare = (values: { type: string; value: Json }[]) =>
  header +
  values.map(({ type, value }, index) => `export const v${index}: Plain<${type}> = ${JSON.stringify(value)}`).join('\n')

// Slow: the compiler reads the whole SDK in each.
test("what is applied has the types of Grafana's own SDK", { skip: onlyInFull }, async () => {
  const values = await typedValues()
  assert.ok(values.length > 40)
  assert.deepEqual(await problems(declare(values)), [])
})

test("a mistake does not have the types of Grafana's SDK", { skip: onlyInFull }, async () => {
  const wrong = [
    { type: 'expr.TypeReduce', value: { type: 'reduce', expression: 'a', reducer: 'average' } },
    { type: 'alerting.NotificationSettings', value: { receiver: 'people', group_wiat: '1s' } },
  ]
  const found = (await problems(declare(wrong))).join('\n')
  assert.match(found, /"average"' is not assignable/)
  assert.match(found, /group_wiat.* does not exist/)
})
