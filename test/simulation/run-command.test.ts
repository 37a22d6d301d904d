import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as z from 'zod'
import { runCommand } from '../../src/simulation/run-command.ts'
import { isInFull, onlyInFull } from '../in-full.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simulate-'))
})
after(() => rm(directory, { recursive: true }))

/** Six hours of load that triples in the second hour, a row every five minutes. */
async function ownLoad(name: string): Promise<string> {
  const file = join(directory, name)
  const rows = Array.from({ length: 72 }, (_, row) => `${row * 300},${row < 18 ? 150 : 450}`)
  await writeFile(file, ['time,percent-workers', ...rows].join('\n'))
  return file
}

async function run(argv: string[], environment: Record<string, string> = {}) {
  const lines: string[] = []
  const errors: string[] = []
  const exitCode = await runCommand(argv, environment, {
    log: (line) => lines.push(line),
    error: (line) => errors.push(line),
  })
  return { exitCode, text: lines.join('\n'), errors }
}

const count = z.int().nonnegative()
const summarySchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  minutesOver: count,
  minutesSaturated: count,
  relief: z.strictObject({ median: z.number(), p95: z.number() }).nullable(),
  endsOver: z.boolean(),
  nodeHours: z.number().positive(),
  workers: z.strictObject({ first: count, last: count }),
  scaleOuts: count,
  deploymentsFailed: count,
  deploymentsRefused: count,
  beforeSettled: count,
  blind: count,
  growths: z.array(
    z.strictObject({
      from: count,
      to: count,
      crossedAt: count,
      detect: z.number().nonnegative(),
      decide: z.number().nonnegative(),
      provision: z.number().positive(),
      move: z.number().positive().nullable(),
      relief: z.number().nonnegative().nullable(),
    }),
  ),
})
const reportSchema = z.strictObject({
  seed: count,
  workers: count,
  threshold: count,
  policy: z.strictObject({
    mode: z.literal('on'),
    rebalance: z.strictObject({ mode: z.literal('on'), setting: z.literal('AUTOSCALE_MODE') }),
    targetCpuPercent: z.number(),
    step: z.number(),
    maxStep: z.number(),
    maxWorkers: z.number(),
    cooldownMinutes: z.number(),
  }),
  loads: z.array(z.strictObject({ name: z.string(), title: z.string(), policies: z.array(summarySchema) })),
  claims: z.array(z.strictObject({ text: z.string(), figures: z.string(), holds: z.boolean() })),
})

test('--json gives the figures of every policy for a load file and changed settings', async () => {
  const argv = ['--load', await ownLoad('json.csv'), '--json', '--seed', '7']
  const { exitCode, text } = await run(argv, { SCALE_OUT_TARGET_CPU_PERCENT: '50' })
  const report = reportSchema.parse(JSON.parse(text))
  assert.equal(exitCode, 0)
  assert.equal(report.seed, 7)
  assert.equal(report.workers, 3)
  assert.equal(report.policy.targetCpuPercent, 50)
  const [load] = report.loads
  assert.deepEqual(
    load?.policies.map(({ name }) => name),
    ['ours', 'webhook', 'cooldown', 'hpa', 'aeon', 'spanner', 'mercari', 'oracle'],
  )
  const [ours] = load.policies
  assert.ok(ours && ours.scaleOuts > 0 && ours.minutesOver > 0 && ours.nodeHours > 18)
  assert.equal(ours.growths.length, ours.scaleOuts)
})

test('the same command gives the same output', async () => {
  const argv = ['--load', await ownLoad('twice.csv')]
  assert.equal((await run(argv)).text, (await run(argv)).text)
})

test('the name of the file does not change the result', async () => {
  const figures = async (name: string) => {
    const { text } = await run(['--load', await ownLoad(name), '--json'])
    return reportSchema.parse(JSON.parse(text)).loads.map(({ policies }) => policies)
  }
  assert.deepEqual(await figures('one.csv'), await figures('another.csv'))
})

test('AUTOSCALE_MODE=dry-run is simulated as on', async () => {
  const argv = ['--load', await ownLoad('dry.csv')]
  const dryRun = { AUTOSCALE_MODE: 'dry-run', REBALANCE_MODE: 'paused' }
  assert.equal((await run(argv, dryRun)).text, (await run(argv)).text)
})

test('--over counts the minutes above a CPU other than 80 %', async () => {
  const argv = ['--load', await ownLoad('over.csv'), '--json']
  const minutesOver = async (more: string[]) => {
    const { loads } = reportSchema.parse(JSON.parse((await run([...argv, ...more])).text))
    return loads[0]?.policies.find(({ name }) => name === 'ours')?.minutesOver ?? NaN
  }
  assert.ok((await minutesOver(['--over', '50'])) > (await minutesOver([])))
})

test('no policy adds more servers than the pool has', async () => {
  const pool = { CLUSTER_KIND: 'citus', CITUS_WORKER_POOL: 'one:5432' }
  const { text } = await run(['--load', await ownLoad('beyond.csv'), '--json'], pool)
  const [load] = reportSchema.parse(JSON.parse(text)).loads
  assert.deepEqual([...new Set(load?.policies.map(({ workers }) => `${workers.first} to ${workers.last}`))], ['3 to 4'])
})

test('the table names each policy and each claim that does not hold', async () => {
  const { text } = await run(['--load', await ownLoad('table.csv')])
  for (const title of ['this project', 'one more worker per cooldown', 'HPA', 'oracle'])
    assert.match(text, new RegExp(title))
  assert.match(text, /^(holds|does not hold): +at most 0\.1 × cooldown's minutes over$/m)
  assert.match(text, /^growth +day +detect +decide +provision +move +relief$/m)
  assert.match(text, /^\d+ > \d+ +0\.1 /m)
  assert.ok(text.split('\n').every(({ length }) => length <= 100))
})

for (const seed of isInFull ? ['1', '2', '3'] : ['1'])
  test(`three times the load leads to one scale-out to the right size, with relief in time (seed ${seed})`, async () => {
    const { text } = await run(['--load', 'step', '--seed', seed, '--json'])
    const [claim] = reportSchema.parse(JSON.parse(text)).claims
    assert.match(claim?.text ?? '', /^step: one scale-out, to the right size/)
    assert.deepEqual(claim?.holds, true, claim?.figures)
  })

test('a file in queries per second is converted with --queries-per-worker', async () => {
  const file = await ownLoad('queries.csv')
  const { text } = await run(['--load', file, '--queries-per-worker', '50', '--json'])
  assert.equal(reportSchema.parse(JSON.parse(text)).workers, 5)
})

test('--plot writes well-formed XML with a band for each policy', async () => {
  const file = join(directory, 'own.svg')
  await run(['--load', await ownLoad('a<b&c.csv'), '--plot', file])
  const svg = await readFile(file, 'utf8')
  assert.deepEqual(unclosedElements(svg), [])
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/)
  for (const title of ['this project', 'one more worker per cooldown', 'HPA', 'oracle'])
    assert.match(svg, new RegExp(title))
  assert.ok(Buffer.byteLength(svg) < 100_000)
})

/** Empty when all elements are closed in order, and no text has a bare `<` or `&`. */
function unclosedElements(xml: string): string[] {
  const open: string[] = []
  const rest = xml.replace(
    /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<&]*")*)\s*(\/?)>/g,
    (_, closes: string, name: string, _attributes, empty: string) => {
      if (closes) assert.equal(open.pop(), name)
      else if (!empty) open.push(name)
      return ''
    },
  )
  assert.doesNotMatch(rest.replace(/&#\d+;/g, ''), /[<&]/)
  return open
}

test('--months --json gives the figures', async () => {
  const { text } = await run(['--months', '1', '--json'])
  const { months, scaleOuts, violations } = monthsSchema.parse(JSON.parse(text))
  assert.deepEqual({ months, violations }, { months: 1, violations: [] })
  assert.ok(scaleOuts > 0)
})

const monthsSchema = z.strictObject({
  months: count,
  scaleOuts: count,
  deploymentsFailed: count,
  silences: count,
  blind: count,
  blindBeforeSettled: count,
  violations: z.array(z.unknown()),
})

test('--plot without --load draws one of the built-in loads', { skip: onlyInFull }, async () => {
  const file = join(directory, 'none-named.svg')
  const { errors } = await run(['--plot', file])
  assert.deepEqual(errors, [`drawn: ${file}`])
  assert.match(await readFile(file, 'utf8'), /office days/)
})

test('--months: no growth of ours breaks a rule in months with many faults', { skip: onlyInFull }, async () => {
  const { exitCode, text } = await run(['--months', '12'])
  assert.match(text, /^12 months: [1-9]\d* scale-outs, [1-9]\d* failed deployments, 0 that broke a rule$/m)
  assert.match(text, /^[1-9]\d* silences of an hour and more: \d+ scale-outs in them, /m)
  assert.equal(exitCode, 0)
})

const mistakes: { argv: string[]; environment?: Record<string, string>; error: RegExp }[] = [
  { argv: ['--load', 'nowhere.csv'], error: /nowhere\.csv is neither a file that can be read nor one of step, / },
  { argv: ['--queries-per-worker', '10'], error: /name it with --load/ },
  { argv: ['--months', '2', '--over', '70'], error: /leave out --load, --over and --plot/ },
  { argv: ['--workers', '1'], error: /--workers 1: such a cluster has 2 to 20/ },
  { argv: ['--workers', '9'], environment: { SCALE_OUT_MAX_WORKERS: '8' }, error: /such a cluster has 2 to 8/ },
  { argv: ['--seeds', '5'], error: /--seeds must be two whole numbers such as 101-112/ },
  { argv: ['--seeds', '5-4'], error: /--seeds must go upwards/ },
  { argv: ['--seeds', '1-2', '--load', 'step'], error: /leave out --load, --months and --plot/ },
  { argv: ['--seed', 'x'], error: /--seed must be a whole number/ },
  { argv: ['--months', '0'], error: /--months must be 1 at least/ },
  { argv: ['--nothing'], error: /--nothing/ },
  { argv: [], environment: { SCALE_OUT_STEP: 'x' }, error: /SCALE_OUT_STEP must be a whole number/ },
]

for (const { argv, environment, error } of mistakes)
  test(`${JSON.stringify({ argv, environment })} is refused with the mistake`, () =>
    assert.rejects(run(argv, environment), error))

test('the error names a picture that cannot be written', async () => {
  const argv = ['--load', await ownLoad('unwritten.csv'), '--plot', '/nowhere/a.svg']
  await assert.rejects(run(argv), /--plot \/nowhere\/a\.svg can't be written: ENOENT/)
})

test('an error in a file names the file and the line', async () => {
  const file = join(directory, 'broken.csv')
  await writeFile(file, '0,1\n60,much\n')
  await assert.rejects(run(['--load', file]), /broken\.csv: line 2: "much" is no number/)
})
