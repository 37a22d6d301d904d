import { shippedAlerting } from '../../src/local/grafana/shipped-alerting.ts'
import type { Load } from '../../src/simulation/load.ts'
import type { World } from '../../src/simulation/run-policy.ts'
import { simulatedSettings, sizesOf } from '../../src/simulation/simulated-settings.ts'
import type { Faults } from '../../src/simulation/world-facts.ts'

export const noFaults: Faults = {
  lost: 0,
  duplicated: 0,
  late: 0,
  deploymentFails: 0,
  rebalanceCancelled: 0,
  silencesAMonth: 0,
  silentWhenSaturated: 0,
}

/** A world in which nothing goes wrong, but for what is given. */
export async function simulatedWorld({
  settings: given = {},
  faults = {},
  workers = 4,
  seed = 1,
}: {
  settings?: Record<string, string>
  faults?: Partial<Faults>
  workers?: number
  seed?: number
}): Promise<World> {
  const settings = simulatedSettings(given)
  const alerting = await shippedAlerting(settings.cluster.CLUSTER_KIND, {
    AUTOSCALER_URL: 'http://127.0.0.1:7071',
    AUTOSCALER_FUNCTION_KEY: '',
    AUTOSCALER_WEBHOOK_SECRET: 'secret',
    AUTOSCALER_ALERT_EMAIL: 'people@example.com',
    AZURE_SUBSCRIPTION_ID: 'subscription',
    AZURE_RESOURCE_GROUP: 'group',
    CLUSTER_NAME: 'citus',
  })
  const sizes = sizesOf(settings, workers)
  return { settings, alerting, sizes, workers, faults: { ...noFaults, ...faults }, seed, over: 80 }
}

/** A load of some levels one after the other, each so many minutes long. In percent of one worker. */
export function levels(...parts: readonly (readonly [level: number, minutes: number])[]): Load {
  const minutes = Float64Array.from(parts.flatMap(([level, length]) => Array.from({ length }, () => level)))
  return { name: 'levels', title: 'levels', minutes }
}
