import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const fileNamed = (name: string) => new URL(`../../grafana/prometheus/${name}`, import.meta.url).pathname
const without = (tool: string) => (spawnSync(tool, ['--version']).error ? `${tool} is not installed` : false)

test('promtool accepts the rule', { skip: without('promtool') }, async () => {
  const { stdout } = await run('promtool', ['check', 'rules', fileNamed('rules.yml')])
  assert.match(stdout, /SUCCESS: 2 rules found/)
})

test(
  "Alertmanager's own tool accepts the configuration and routes by action",
  { skip: without('amtool') },
  async () => {
    await run('amtool', ['check-config', fileNamed('alertmanager.yml')])
    const route = ['config', 'routes', 'test', '--config.file', fileNamed('alertmanager.yml')]
    assert.equal((await run('amtool', [...route, 'action=scale-out'])).stdout.trim(), 'citus-scale-out')
    assert.equal((await run('amtool', [...route, 'action=rebalance'])).stdout.trim(), 'nobody')
  },
)

const worker = (instance: string, idle: string, user: string) => [
  { series: `node_cpu_seconds_total{job="citus-workers",instance="${instance}",mode="idle"}`, values: idle },
  { series: `node_cpu_seconds_total{job="citus-workers",instance="${instance}",mode="user"}`, values: user },
]

const ruleTests = (rules: string) => ({
  rule_files: [rules],
  evaluation_interval: '1m',
  tests: [
    {
      interval: '1m',
      // Idle seconds per minute: 3 of 60 while hot, which is 95 % CPU; then 18, 70 %; then 30, 50 %. The coordinator is idle.
      input_series: [
        ...worker('a', '0+3x20 78+18x20 468+30x20', '0+57x20 1182+42x20 2052+30x20'),
        ...worker('b', '0+3x20 78+18x20 468+30x20', '0+57x20 1182+42x20 2052+30x20'),
        { series: 'node_cpu_seconds_total{job="citus-coordinator",instance="c",mode="idle"}', values: '0+60x60' },
      ],
      alert_rule_test: [
        { eval_time: '2m', alertname: 'CitusWorkersHot', exp_alerts: [] },
        {
          eval_time: '15m',
          alertname: 'CitusWorkersHot',
          exp_alerts: [
            {
              exp_labels: { action: 'scale-out' },
              exp_annotations: { summary: 'Mean CPU of the workers is 95 %.', cpu_percent: '95' },
            },
          ],
        },
        {
          eval_time: '35m',
          alertname: 'CitusWorkersHot',
          exp_alerts: [
            {
              exp_labels: { action: 'scale-out' },
              exp_annotations: { summary: 'Mean CPU of the workers is 70 %.', cpu_percent: '70' },
            },
          ],
        },
        { eval_time: '55m', alertname: 'CitusWorkersHot', exp_alerts: [] },
      ],
    },
    {
      // Scraped for the first time a minute ago: unknown CPU is not load.
      interval: '1m',
      input_series: worker('a', '_ 0+18x20', '_ 0+42x20'),
      alert_rule_test: ['4m', '8m'].map((eval_time) => ({ eval_time, alertname: 'CitusWorkersHot', exp_alerts: [] })),
    },
    {
      // Scraped every 15 seconds, as usual: 0.3 idle seconds of 15 are 98 % CPU; then 3, 80 %.
      interval: '15s',
      input_series: worker('a', '0+0.3x20 6+3x40', '0+14.7x20 294+12x40'),
      alert_rule_test: [
        {
          eval_time: '2m',
          alertname: 'CitusWorkersSaturated',
          exp_alerts: [
            {
              exp_labels: { action: 'scale-out' },
              exp_annotations: {
                summary: 'Mean CPU of the workers is 98 % in the newest minutes.',
                cpu_percent: '98',
              },
            },
          ],
        },
        { eval_time: '8m', alertname: 'CitusWorkersSaturated', exp_alerts: [] },
      ],
    },
    {
      interval: '1m',
      input_series: [],
      alert_rule_test: [{ eval_time: '30m', alertname: 'CitusWorkersHot', exp_alerts: [] }],
    },
  ],
})

test(
  'fires over 73 % until below 67 %, at once over 95 %, and never on missing data',
  { skip: without('promtool') },
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'prometheus-'))
    t.after(() => rm(directory, { recursive: true }))
    const file = join(directory, 'test.yml')
    await writeFile(file, JSON.stringify(ruleTests(fileNamed('rules.yml'))))
    await run('promtool', ['test', 'rules', file])
  },
)
