import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import * as z from 'zod'
import { onlyInFull } from '../in-full.ts'
import { readShippedFiles } from '../../grafana/apply/shipped-files.ts'
import type { Answer } from '../../src/functions/answer.ts'
import { handler } from '../../src/functions/respond.ts'
import { startFunctionsHost } from '../../src/local/functions-host.ts'
import { readSettings } from '../../src/settings.ts'
import { withArm } from '../functions/arm.ts'
import { apps, completeSettings } from '../functions/serve.ts'
import { manualClock } from '../local/arm/manual-clock.ts'

const { dashboards } = await readShippedFiles('cosmosdb-postgresql')
const dashboard = dashboards.find(({ name }) => name === 'answers')?.dashboard
assert.ok(dashboard)

const querySchema = z.object({
  azureLogAnalytics: z.object({ query: z.string(), resources: z.tuple([z.literal('$workspace')]) }),
})
const panelSchema = z.looseObject({ title: z.string(), targets: z.array(querySchema) })
const variableSchema = z.looseObject({ name: z.string(), query: querySchema })
const queries = [
  ...dashboard.panels
    .map((panel) => panelSchema.parse(panel))
    .flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target }))),
  ...dashboard.templating.list.flatMap((variable) => {
    const parsed = variableSchema.safeParse(variable)
    return parsed.success ? [{ title: parsed.data.name, ...parsed.data.query }] : []
  }),
].map(({ title, azureLogAnalytics }) => ({
  title,
  // With the variables filled in as by Grafana.
  query: azureLogAnalytics.query.replaceAll('$app', 'app').replaceAll('$__interval', '5m'),
}))

// The parser takes a second to load.
for (const { title, query } of queries)
  test(`${title}: Microsoft's parser accepts the query`, { skip: onlyInFull }, async () => {
    const { complaintsAbout } = await import('./kql.ts')
    assert.doesNotMatch(query, /\$/)
    assert.deepEqual(complaintsAbout(query), [])
  })

test("Microsoft's parser finds a mistake", { skip: onlyInFull }, async () => {
  const { complaintsAbout } = await import('./kql.ts')
  const [{ query } = { query: '' }] = queries
  assert.match(complaintsAbout(query.replace('summarize', 'sumarize')).join(), /Query operator expected/)
  assert.match(
    complaintsAbout(query.replace('AppRoleName', 'RoleName')).join(),
    /RoleName' does not refer to any known/,
  )
})

// With every field that an answer to scale-out or rebalance may have.
const answer: Required<Pick<Answer, 'reason' | 'message' | 'workers' | 'job' | 'moves' | 'until' | 'warnings'>> = {
  reason: 'scaling-out',
  message: 'The cluster grows.',
  workers: { from: 2, to: 3 },
  job: 1,
  moves: 2,
  until: new Date(0),
  warnings: ['worker_count has stopped'],
}

/** The line that the app's handler logs for an answer. */
async function loggedLine(): Promise<Record<string, unknown>> {
  const lines: string[] = []
  const options = {
    environment: completeSettings,
    settings: () => readSettings(completeSettings),
    now: () => new Date(0),
  }
  const functions = [
    { name: 'scale-out', method: 'POST' as const, handler: handler(() => Promise.resolve(answer), options) },
  ]
  const host = await startFunctionsHost(functions, { port: 0, onLog: (line) => lines.push(line) })
  const response = await fetch(`${host.url}/api/scale-out`, { method: 'POST' })
  await response.text()
  await host.close()
  assert.equal(lines.length, 1)
  return z.record(z.string(), z.unknown()).parse(JSON.parse(lines[0] ?? ''))
}

type Line = Record<string, unknown>

/** The lines of two requests for a scale-out: its deployment fails, and the second answer has the failure. */
async function linesOfGrowth(t: TestContext): Promise<Line[]> {
  const clock = manualClock()
  const { arm, settings } = await withArm(t, { clock })
  arm.faults.add({ on: 'deployment', fails: 'later', because: 'internal-error' })
  const { post, log } = await apps.source.serve(t, settings, () => new Date(clock.now()))
  assert.equal((await post('scale-out')).reason, 'scaling-out')
  clock.advance(600_000)
  await arm.settled()
  assert.equal((await post('scale-out')).reason, 'backing-off')
  const objectSchema = z.record(z.string(), z.unknown())
  return (await log()).map((line) => objectSchema.parse(JSON.parse(line)))
}

/** The value at a path such as `workers.from`; undefined if there is none. */
const at = (line: Line, path: string) =>
  path.split('.').reduce<unknown>((inside, name) => {
    const parsed = z.record(z.string(), z.unknown()).safeParse(inside)
    return parsed.success ? parsed.data[name] : undefined
  }, line)

test('the app logs every field that a query reads', async (t) => {
  const lines = [await loggedLine(), ...(await linesOfGrowth(t))]
  const read = queries.flatMap(({ query }) =>
    [...query.replaceAll(/\['(\w+)'\]/g, '.$1').matchAll(/\bline\.([\w.]+)/g)].map(([, path]) => path ?? ''),
  )
  assert.ok(new Set(read).size >= 15)
  for (const path of new Set(read))
    assert.ok(
      lines.some((line) => at(line, path) !== undefined),
      `no field ${path} in ${JSON.stringify(lines)}`,
    )
})

test('the line of a scale-out has its alert, and the next line its result', async (t) => {
  const [started, next] = await linesOfGrowth(t)
  assert.ok(started && next)
  assert.deepEqual([at(started, 'askedBy'), at(started, 'cpu')], ['Workers are hot', 91.4])
  assert.equal(at(next, 'state.lastScaleOut.kind'), 'failed')
  assert.equal(at(next, 'state.lastScaleOut.reason'), 'Workers are hot, mean CPU 91.4 %')
})

test('the list of apps finds lines by the prefix that every line has', async () => {
  const text = JSON.stringify(await loggedLine())
  const app = queries.find(({ title }) => title === 'app')?.query ?? ''
  const needles = [...app.matchAll(/contains '([^']+)'/g)].map(([, needle]) => needle ?? '')
  assert.ok(needles.some((needle) => text.includes(needle)))
})

test('failures are recognized by the status, not by Success, which only says that the function ran', () => {
  for (const { query } of queries) assert.doesNotMatch(query, /\bsuccess\b/i)
})
