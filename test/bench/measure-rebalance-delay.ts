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
 * From the change of workers to the rebalance job, in the local loop and in seconds of the cluster's time; beside it what the shipped
 * intervals alone take at most: cron's five seconds, an evaluation, the group's wait.
 */
export async function measureRebalanceDelay(print: (line: string) => void): Promise<void> {
  const delays: number[] = []
  for (let run = 0; run < runs; run++) delays.push(await delayOnce())
  const rule = await rebalanceRule()
  const atMost = 5 + rule.interval + (rule.routing?.groupWait ?? 0)
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
  const rule = rules.find(({ uid }) => uid === 'citus-autoscaler-workers-changed')
  if (!rule) throw new Error('grafana/ has no rule citus-autoscaler-workers-changed')
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
    const workersAtFirst = (await statusOf(loop.url)).cluster.nodes.length
    const changed = await momentWhen(loop.url, ({ cluster }) => cluster.nodes.length > workersAtFirst)
    const scheduled = await momentWhen(loop.url, ({ rebalance }) => Boolean(rebalance))
    return ((scheduled - changed) / 1000) * speed
  } finally {
    await loop.stop()
  }
}

const statusSchema = z.object({
  cluster: z.object({ nodes: z.array(z.unknown()) }),
  rebalance: z.object({}).nullish(),
})

async function statusOf(url: string): Promise<z.infer<typeof statusSchema>> {
  const response = await fetch(`${url}/api/status`)
  return statusSchema.parse(await response.json())
}

/** Looks often against what it waits for, a second and a half of the cluster's time. */
async function momentWhen(url: string, holds: (status: z.infer<typeof statusSchema>) => boolean): Promise<number> {
  const patience = performance.now() + 60_000
  while (performance.now() < patience) {
    if (holds(await statusOf(url))) return performance.now()
    await sleep(25)
  }
  throw new Error('the loop did not get there within a minute: npm start -- --once shows how far it gets')
}
