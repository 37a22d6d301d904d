import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as z from 'zod'
import { startDemoCluster } from '../../src/local/demo-cluster.ts'
import { startFastTime } from '../../src/local/fast-time.ts'
import { watchCluster } from '../../src/local/watch-cluster.ts'
import { apps } from '../functions/serve.ts'
import { onlyInFull } from '../in-full.ts'
import { readPayload } from '../payloads/read-payload.ts'
import { until } from '../until.ts'
import { startNodeExporter } from './start-node-exporter.ts'
import { startProgram } from './start-program.ts'

const missing = ['prometheus', 'prometheus-alertmanager', 'setpriv'].filter(
  (name) => spawnSync(name, ['--version']).error,
)
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : onlyInFull

// How much faster than in production: half a second here is a minute there.
const speed = 120
const secret = 'the-secret'

const shipped = async (name: string) =>
  (await readFile(new URL(`../../grafana/prometheus/${name}`, import.meta.url), 'utf8')).replace(
    /\b(\d+)(m|s)\b/g,
    (_, count: string, unit: string) => `${(Number(count) * (unit === 'm' ? 60_000 : 1000)) / speed}ms`,
  )

function exchange(text: string, from: string, to: string): string {
  assert.ok(text.includes(from), `the shipped configuration no longer says ${from}`)
  return text.replace(from, to)
}

/** The shipped configuration with the app's address, the secret's path, and notifications for resolved alerts. */
async function startAlertmanager(t: TestContext, appUrl: string, givenSecret: string) {
  let config = await shipped('alertmanager.yml')
  config = exchange(config, 'http://localhost:7071', appUrl)
  config = exchange(config, '/etc/prometheus/citus-autoscaler-secret', 'secret')
  config = exchange(config, 'send_resolved: false', 'send_resolved: true')
  const flags = ['--config.file=alertmanager.yml', '--storage.path=data', '--cluster.listen-address=']
  const files = { 'alertmanager.yml': config, secret: givenSecret }
  const { url, directory } = await startProgram(t, 'prometheus-alertmanager', flags, files)
  return { host: new URL(url).host, changeSecret: (to: string) => writeFile(join(directory, 'secret'), to) }
}

async function startPrometheus(t: TestContext, alertmanager: string, exporters: string[]) {
  const config = {
    // Many installations set a `cluster` label here. The comment at the top of rules.yml says to remove it from these alerts.
    global: { scrape_interval: '250ms', external_labels: { cluster: 'another' } },
    rule_files: ['rules.yml'],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }],
      alert_relabel_configs: [
        { source_labels: ['action'], regex: 'scale-out', action: 'replace', target_label: 'cluster', replacement: '' },
      ],
    },
    scrape_configs: [{ job_name: 'citus-workers', static_configs: [{ targets: exporters }] }],
  }
  const files = { 'prometheus.yml': JSON.stringify(config), 'rules.yml': await shipped('rules.yml') }
  await startProgram(t, 'prometheus', ['--config.file=prometheus.yml', '--storage.tsdb.path=data'], files)
}

/** Two workers at 95 % CPU each, and a pool of two servers. */
async function startCluster(t: TestContext) {
  const time = startFastTime(speed)
  const cluster = await startDemoCluster('citus', time)
  const watch = watchCluster(cluster, { load: 190, time, onEvent: () => undefined })
  t.after(async () => {
    await watch.stop()
    await cluster.stop()
  })
  await until('the load is known', () => Promise.resolve(watch.workers().length === 2))
  // With this target the CPU value adds two workers; SCALE_OUT_STEP would add one.
  const settings = {
    ...cluster.settings,
    CLUSTER_NAME: 'demo',
    PG_CONNECTION_URL: cluster.database.url,
    SCALE_OUT_TARGET_CPU_PERCENT: '60',
    // Minutes of half a second each: longer than the rest of the test.
    SCALE_OUT_COOLDOWN_MINUTES: '240',
  }
  return { settings, time, workers: watch.workers, pool: cluster.settings.CITUS_WORKER_POOL?.split(',') }
}

// A line of the functions' log: one for each request.
const lineSchema = z.looseObject({
  function: z.string(),
  status: z.number(),
  outcome: z.string(),
  reason: z.string(),
  alerts: z.record(z.string(), z.number()),
  workers: z.object({ from: z.number(), to: z.number() }).optional(),
  cpu: z.number().optional(),
})

const isScaleOut = (line: { function: string }) => line.function === 'scale-out'

test(
  'Prometheus and Alertmanager with a Citus cluster: one scale-out starts, repeats are held, the resolved alert is ignored',
  { skip },
  async (t) => {
    const { settings, time, workers, pool } = await startCluster(t)
    let minutesAhead = 0
    const now = () => new Date(time.now() + minutesAhead * 60_000)
    const { url, log, post } = await apps.source.serve(t, { ...settings, WEBHOOK_SECRETS: secret }, now)
    const answers = async () => (await log()).map((line) => lineSchema.parse(JSON.parse(line))).filter(isScaleOut)
    const answered = (reason: string) =>
      until(`the answer ${reason}`, async () => (await answers()).find((answer) => answer.reason === reason)).catch(
        async (cause: unknown) => {
          throw new Error(`never answered ${reason}, only\n${(await log()).join('\n')}`, { cause })
        },
      )

    const alertmanager = await startAlertmanager(t, url, 'another-secret')
    const exporters = [0, 1].map((index) => startNodeExporter(t, () => workers()[index]?.percent ?? 0))
    await startPrometheus(t, alertmanager.host, await Promise.all(exporters))

    assert.equal((await answered('unauthorized')).status, 401)
    assert.equal(workers().length, 2)
    await alertmanager.changeSecret(secret)

    const started = await answered('scaling-out')
    assert.deepEqual([started.status, started.outcome], [202, 'started'])
    // Two workers at 95 % make four at less than 60 %; SCALE_OUT_STEP would make three.
    assert.deepEqual(started.workers, { from: 2, to: 4 })
    assert.ok(started.cpu !== undefined && started.cpu > 90, `cpu_percent was read as ${started.cpu}`)
    assert.deepEqual(started.added, pool)

    // The cooldown holds the repeats; after it, the new workers without shards do.
    assert.equal((await answered('cooling-down')).outcome, 'held')
    minutesAhead = 241
    assert.equal((await answered('rebalance-pending')).outcome, 'held')
    // The rebalance ends within the cooldown.
    minutesAhead = 0

    const rebalance = await post('rebalance', readPayload('grafana-rebalance'), { authorization: `Bearer ${secret}` })
    assert.equal(rebalance.reason, 'rebalancing')
    const resolved = await answered('resolved')
    assert.deepEqual([resolved.outcome, resolved.alerts], ['ignored', { resolved: 1 }])

    const counts = Map.groupBy(await answers(), ({ reason }) => reason)
    assert.equal(counts.get('scaling-out')?.length, 1)
    const expected = ['cooling-down', 'rebalance-pending', 'resolved', 'scaling-out', 'unauthorized']
    assert.deepEqual([...counts.keys()].sort(), expected)
    assert.equal(workers().length, 4)
  },
)
