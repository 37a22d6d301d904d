import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { shippedAlerting } from '../../src/local/grafana/shipped-alerting.ts'
import { startLoop } from '../../src/local/loop.ts'
import { shown, spreadOf } from './spread.ts'

const runs = 10
const speed = 60
/** In percent of one worker: the load of `npm start`. */
const load = 190

/**
 * Measures the time from the change of workers to the rebalance job, in the local loop and in seconds of the cluster's time. The baseline is
 * the maximum of the shipped intervals: pg_cron's five seconds, an evaluation, and the group wait.
 */
export async function measureRebalanceDelay(print: (line: string) => void): Promise<void> {
  const delays: number[] = []
  for (let run = 0; run < runs; run++) delays.push(await delayOnce())
  const rule = await rebalanceRule()
  const atMost = 5 + rule.interval + rule.routing.groupWait
  print(`Change of workers to rebalance job, median and quartiles of ${runs} runs at ${speed} times the speed:`)
  print(`measured: ${shown(spreadOf(delays), 's', 1)}; the shipped intervals add up to ${atMost} s at most`)
}

async function rebalanceRule() {
  const { rules } = await shippedAlerting('cosmosdb-postgresql', {
    AUTOSCALER_URL: 'http://127.0.0.1',
    AUTOSCALER_FUNCTION_KEY: '',
    AUTOSCALER_WEBHOOK_SECRET: 'bench',
    AUTOSCALER_ALERT_EMAIL: 'people@example.com',
    AZURE_SUBSCRIPTION_ID: 'bench',
    AZURE_RESOURCE_GROUP: 'bench',
    CLUSTER_NAME: 'bench',
  })
  const rule = rules.find(({ uid }) => uid === 'bench-workers-changed')
  if (!rule) throw new Error('grafana/ has no rule workers-changed')
  return rule
}

async function delayOnce(): Promise<number> {
  const loop = await startLoop({
    kind: 'cosmosdb-postgresql',
    speed,
    load,
    settings: {},
    port: 0,
    onEvent: () => undefined,
  })
  try {
    const { status: atFirst } = await statusWhen(loop.url, ({ cluster }) => cluster.nodes !== null)
    const changed = await statusWhen(loop.url, ({ cluster }) => workersIn(cluster) > workersIn(atFirst.cluster))
    const scheduled = await statusWhen(loop.url, ({ rebalance }) => rebalance?.job !== undefined)
    return ((scheduled.at - changed.at) / 1000) * speed
  } finally {
    await loop.stop()
  }
}

const statusSchema = z.object({
  cluster: z.object({ nodes: z.array(z.unknown()).nullable() }),
  rebalance: z.object({ job: z.number().optional() }).nullable(),
})
type Status = z.infer<typeof statusSchema>

const workersIn = ({ nodes }: Status['cluster']) => nodes?.length ?? 0

/**
 * Polls the status until it is as wanted, every 1.5 seconds of the cluster's time. An answer that failed because of an upstream is
 * requested again.
 */
async function statusWhen(url: string, isWanted: (status: Status) => boolean): Promise<{ at: number; status: Status }> {
  const patience = performance.now() + 60_000
  let answer = 'nothing'
  while (performance.now() < patience) {
    const response = await fetch(`${url}/api/status`)
    answer = await response.text()
    if (response.ok) {
      const status = statusSchema.parse(JSON.parse(answer))
      if (isWanted(status)) return { at: performance.now(), status }
    }
    await sleep(25)
  }
  throw new Error(`the loop did not get there within a minute; its status at the end: ${answer}`)
}
